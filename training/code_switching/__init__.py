"""Augment training rows by code-switching: replace words by their translations."""

from searchapp.text.lexicon import Lexicon
from training.code_switching.switching import CodeSwitcher, switch_rows

__all__ = ["CodeSwitcher", "Lexicon", "switch_rows"]
