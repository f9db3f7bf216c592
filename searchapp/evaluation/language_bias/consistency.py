"""MRC@k: whether translations of one query rank the passages alike."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values

ScoreOf: TypeAlias = Callable[[IntArray, IntArray], NDArray[np.float32]]
"""(groups, languages) rows and (groups, n) columns -> (groups, languages, n) scores; minus infinity for what a query did
not retrieve. Negative rows stand for queries that there are not: their scores are not read."""

AT_ONCE = 64
"""Groups scored at a time: bounds the memory of their passages' embeddings."""


def mean_rank_correlation(
    top: IntArray, *, languages: IntArray, groups: IntArray, count: int, k: int, score_of: ScoreOf
) -> Values:
    """Spearman's correlation of the scores that two translations of a query give, averaged over groups.

    Taken over the union of both top-k lists; equal scores share their mean rank.

    Args:
        top: (queries, depth) columns, best first; -1 where there is no hit.
        languages: (queries,) language index; negative ones are left out.
        groups: (queries,) number of the group of translations; negative ones are left out.
        count: Number of languages.
        k: Cut-off.
        score_of: Scores of passages for queries.

    Returns:
        (count, count), symmetric; NaN on the diagonal and where two languages share no group.
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


def spearman(first: NDArray[np.float32], second: NDArray[np.float32], valid: NDArray[np.bool_]) -> Values:
    """Spearman's correlation of each row's valid columns, equal values sharing their mean rank; NaN where undefined."""
    weights = valid.astype(np.float64)
    size = weights.sum(axis=1, keepdims=True)
    centred = []
    for scores in (first, second):
        ranks = _average_ranks(np.where(valid, scores, np.inf))
        mean = (ranks * weights).sum(axis=1, keepdims=True) / np.maximum(size, 1)
        centred.append((ranks - mean) * weights)
    product = (centred[0] * centred[1]).sum(axis=1)
    scale = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, product / scale, np.nan)


def _average_ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rank along each row, equal values sharing their mean rank."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    width = values.shape[1]
    new = np.ones(values.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    place = np.arange(width)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    ends = np.ones(values.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    last = np.minimum.accumulate(np.where(ends, place, width)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(values.shape, dtype=np.float64)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=1)
    return ranks
