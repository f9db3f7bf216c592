"""ASGI middleware in front of the page, the REST routes and MCP: hosts, logins, response headers."""
