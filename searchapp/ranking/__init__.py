"""Rank the retrieved candidates: re-ranking, balance of languages, diversity and collapsing."""
