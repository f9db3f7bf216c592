"""Encode text as unit vectors."""
