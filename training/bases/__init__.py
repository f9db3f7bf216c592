"""Prepare multilingual base models without access to a model hub, and trim their vocabularies."""
