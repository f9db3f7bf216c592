"""Queries made of texts: a part of a text that must find the whole."""

from __future__ import annotations

import numpy as np

LEAST_WORDS = 3
LEAST_CHARACTERS = 6
LEAST_SHARE, MOST_SHARE = 0.3, 0.6
"""Of the words of a text that make a part."""


def part_of(text: str, rng: np.random.Generator) -> str:
    """Cut a run of 30 to 60 % of the words; of the characters where words are not set apart by spaces."""
    share, place = rng.random(2).tolist()
    return cut_part(text, share=LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * share, place=place)


def cut_part(text: str, *, share: float, place: float) -> str:
    """Cut a run of words; of characters where words are not set apart by spaces.

    Args:
        text: To cut.
        share: Of the words that are kept.
        place: Where the run begins, from 0 (at the beginning) to 1 (as late as possible).
    """
    words = text.split()
    spaced = len(words) >= LEAST_WORDS and len(text) / len(words) < 20
    units, fewest = (len(words), LEAST_WORDS) if spaced else (len(text), LEAST_CHARACTERS)
    count = min(units, max(fewest, round(units * share)))
    start = round(place * (units - count))
    if spaced:
        return " ".join(words[start : start + count])
    return text[start : start + count].strip() or text
