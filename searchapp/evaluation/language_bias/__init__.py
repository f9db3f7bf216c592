"""Measures of language bias, one family per file; each defined in docs/evaluation.md."""
