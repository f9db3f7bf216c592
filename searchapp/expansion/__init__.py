"""Queries made richer by a language model: a passage that could answer, and translations."""
