"""Vector stores and catalogs of collections, on an embedded engine or a server."""
