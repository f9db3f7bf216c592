"""Measure how far apart a ranking places the translations of one answer: rank distance (arXiv 2408.10536)."""

from __future__ import annotations

import numpy as np

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values
from searchapp.evaluation.scorer import RankArray


def rank_distance(ranks: RankArray, *, queries: IntArray, count: int, missing: float = np.inf) -> Values:
    """Compute the greatest minus the smallest rank among the golds of each query; NaN with fewer than two golds.

    The minimum is golds - 1 (10 on XQuAD-R). The value grows with the pool, so compare it on the same pool only.

    Args:
        ranks: (golds,) from 1.
        queries: (golds,) row of the query.
        count: Number of queries.
        missing: Rank of golds that were not retrieved. With the run's length + 1 the result is a lower bound.
    """
    known = np.where(np.isfinite(ranks), ranks, missing)
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, queries, known)
    np.maximum.at(most, queries, known)
    several = np.bincount(queries, minlength=count) > 1
    distance = np.full(count, np.nan)
    distance[several] = most[several] - least[several]
    return distance
