"""Expand queries with a language model: a passage that could answer them, and translations."""
