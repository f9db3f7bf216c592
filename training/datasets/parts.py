"""Create queries that are parts of texts and must find the whole text."""

from __future__ import annotations

import numpy as np

LEAST_WORDS = 3
LEAST_CHARACTERS = 6
LEAST_SHARE, MOST_SHARE = 0.3, 0.6
"""Range of the share of a text's words in a part."""


def part_of(text: str, rng: np.random.Generator) -> str:
    """Cut out a run of 30 to 60 % of the words, or of the characters if words are not separated by spaces.

    Args:
        text: Text to cut.
        rng: Draws the share and the place of the run.
    """
    share, place = rng.random(2).tolist()
    return cut_part(text, share=LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * share, place=place)


def cut_part(text: str, *, share: float, place: float) -> str:
    """Cut out a run of words, or of characters if words are not separated by spaces.

    Args:
        text: Text to cut.
        share: Share of the words to keep.
        place: Position of the run, from 0 (at the beginning) to 1 (at the end).
    """
    words = text.split()
    spaced = len(words) >= LEAST_WORDS and len(text) / len(words) < 20
    units, fewest = (len(words), LEAST_WORDS) if spaced else (len(text), LEAST_CHARACTERS)
    count = min(units, max(fewest, round(units * share)))
    start = round(place * (units - count))
    if spaced:
        return " ".join(words[start : start + count])
    return text[start : start + count].strip() or text
