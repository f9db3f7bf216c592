"""Multilingual semantic search whose language bias is visible, measured and correctable."""
