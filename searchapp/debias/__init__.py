"""Transforms that take language identity out of embeddings."""
