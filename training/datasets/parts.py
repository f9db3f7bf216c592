"""Queries made of texts: a part of a text that must find the whole."""

from __future__ import annotations

import numpy as np

LEAST_WORDS = 3
LEAST_CHARACTERS = 6


def part_of(text: str, rng: np.random.Generator, *, least: float = 0.3, most: float = 0.6) -> str:
    """Cut a run of 30 to 60 % of the words; of the characters where words are not set apart by spaces."""
    words = text.split()
    spaced = len(words) >= LEAST_WORDS and len(text) / len(words) < 20
    units, fewest = (len(words), LEAST_WORDS) if spaced else (len(text), LEAST_CHARACTERS)
    share, place = rng.uniform(least, most), rng.random()
    count = min(units, max(fewest, round(units * share)))
    start = round(place * (units - count))
    if spaced:
        return " ".join(words[start : start + count])
    return text[start : start + count].strip() or text
