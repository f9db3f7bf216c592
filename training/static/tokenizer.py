"""Sample the text for a vocabulary from all languages, so that small languages are represented."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LONGEST_PIECE = 12
"""Maximum length of a piece in characters; also keeps clauses of unspaced scripts from becoming pieces."""

APART = r"\d+|[^\w\s\p{M}]"
"""Numbers, punctuation and symbols, which are always separate pieces."""


def sample_texts(texts: Sequence[str], languages: Sequence[str], *, characters: int, seed: int) -> list[str]:
    """Draw texts so that each language's share is proportional to the square root of its size.

    Args:
        texts: Texts to draw from.
        languages: Language of each text, BCP 47.
        characters: Number of characters to draw, over all languages.
        seed: Seed of the draw.
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, list[int]] = {}
    for row, language in enumerate(languages):
        rows.setdefault(language, []).append(row)
    sizes = {language: sum(len(texts[row]) for row in members) for language, members in rows.items()}
    total = sum(np.sqrt(size) for size in sizes.values())
    sample: list[str] = []
    for language, members in sorted(rows.items()):
        left = characters * np.sqrt(sizes[language]) / total
        for row in rng.permutation(members):
            if left <= 0:
                break
            sample.append(texts[row])
            left -= len(texts[row])
    return sample
