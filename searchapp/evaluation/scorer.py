"""Exact ranks of the golds over the whole pool, in blocks: the score matrix never exists as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray

Ranks = NDArray[np.int64]
BLOCK = 512


@dataclass(frozen=True, slots=True)
class GoldRanks:
    """Where the golds of one query language stand, from 1.

    Attributes:
        pool: (questions, languages) rank of each gold in the pool of all languages.
        own: (questions, languages) rank of each gold among the candidates of its own language.
    """

    pool: Ranks
    own: Ranks


def gold_ranks(
    queries: FloatArray, passages: FloatArray, *, gold: Ranks, passage_languages: Ranks, languages: int
) -> GoldRanks:
    """Rank the golds of each query.

    Ties go to the candidate with the lower row, as a stable sort would have it.

    Args:
        queries: (questions, dimension).
        passages: (candidates, dimension).
        gold: (questions, languages) candidate rows.
        passage_languages: (candidates,) language index.
        languages: Number of languages.
    """
    pool = np.zeros(gold.shape, dtype=np.int64)
    own = np.zeros(gold.shape, dtype=np.int64)
    members = [np.flatnonzero(passage_languages == language) for language in range(languages)]
    for first in range(0, len(queries), BLOCK):
        block = slice(first, first + BLOCK)
        scores = queries[block] @ passages.T
        for column in range(gold.shape[1]):
            rows = gold[block, column]
            mine = np.take_along_axis(scores, rows[:, None], axis=1)
            for part, target in ((None, pool), (members[column], own)):
                seen = scores if part is None else scores[:, part]
                place = np.arange(scores.shape[1]) if part is None else part
                ahead = (seen > mine).sum(axis=1) + ((seen == mine) & (place[None, :] < rows[:, None])).sum(axis=1)
                target[block, column] = ahead + 1
    return GoldRanks(pool=pool, own=own)
