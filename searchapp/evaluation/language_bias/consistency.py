"""Measure whether translations of a query rank the passages alike (MRC@k)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values
from searchapp.statistics.correlations import spearman

ScoreOf: TypeAlias = Callable[[IntArray, IntArray], NDArray[np.float32]]
"""Maps (groups, languages) rows and (groups, n) columns to (groups, languages, n) scores, with minus infinity for passages
that a query did not retrieve. Negative rows stand for missing queries; their scores are not read."""

AT_ONCE = 64
"""Groups scored at a time. Limits the memory for their passages' embeddings."""


def mean_rank_correlation(
    top: IntArray, *, languages: IntArray, groups: IntArray, count: int, k: int, score_of: ScoreOf
) -> Values:
    """Compute Spearman's correlation of the scores of two translations of a query, averaged over groups.

    The correlation is taken over the union of both top-k lists; ties share their mean rank.

    Args:
        top: (queries, depth) columns, best first; -1 where there is no hit.
        languages: (queries,) language index; negative ones are ignored.
        groups: (queries,) number of the group of translations; negative ones are ignored.
        count: Number of languages.
        k: Cut-off.
        score_of: Computes the scores of passages for queries.

    Returns:
        (count, count), symmetric; NaN on the diagonal and for two languages without a common group.
    """
    rows = np.full((int(groups.max(initial=-1)) + 1, count), -1, dtype=np.int64)
    known = np.flatnonzero((languages >= 0) & (groups >= 0))
    rows[groups[known], languages[known]] = known
    k = min(k, top.shape[1])
    # Each language's top k of each group, side by side; a language without a query has no hits.
    columns = np.where(rows[:, :, None] >= 0, top[rows, :k], -1).reshape(len(rows), count * k)
    scores = np.concatenate(
        [
            score_of(rows[start : start + AT_ONCE], np.maximum(columns[start : start + AT_ONCE], 0))
            for start in range(0, len(rows), AT_ONCE)
        ]
        or [np.zeros((0, count, count * k), dtype=np.float32)]
    )
    matrix = np.full((count, count), np.nan)
    for one, other in combinations(range(count), 2):
        shared = np.flatnonzero((rows[:, one] >= 0) & (rows[:, other] >= 0))
        slots = np.concatenate([np.arange(k) + one * k, np.arange(k) + other * k])
        union = columns[np.ix_(shared, slots)]
        valid = ~_repeated(union) & (union >= 0)
        found = spearman(scores[shared, one][:, slots], scores[shared, other][:, slots], valid)
        if np.isfinite(found).any():
            matrix[one, other] = matrix[other, one] = np.nanmean(found)
    return matrix


def _repeated(columns: IntArray) -> NDArray[np.bool_]:
    """Mark all but the first occurrence of each column in every row."""
    order = np.argsort(columns, axis=1, kind="stable")
    ordered = np.take_along_axis(columns, order, axis=1)
    repeated = np.zeros(columns.shape, dtype=bool)
    np.put_along_axis(repeated, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    return repeated
