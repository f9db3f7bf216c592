"""Preference for the query's own language: LPR looks at the first gold, TLR at those in other languages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values
from searchapp.evaluation.scorer import RankArray


def same_language_preference(ranks: RankArray, *, queries: IntArray, own: NDArray[np.bool_], count: int) -> Values:
    """LPR: 1 where a query's top-ranked gold is in its own language, else 0.

    NaN where the golds leave no choice (all in the query's language, or none) and where none was retrieved. Without
    preference the mean is 1 / number of languages of the golds.

    Args:
        ranks: (golds,) from 1; infinity for what was not retrieved.
        queries: (golds,) row of the query.
        own: (golds,) whether the gold is in its query's language.
        count: Number of queries.
    """
    best, best_own = np.full(count, np.inf), np.full(count, np.inf)
    np.minimum.at(best, queries, ranks)
    np.minimum.at(best_own, queries[own], ranks[own])
    choice = (np.bincount(queries[own], minlength=count) > 0) & (np.bincount(queries[~own], minlength=count) > 0)
    return np.where(choice & np.isfinite(best), (best_own <= best).astype(np.float64), np.nan)


def other_language_recall(ranks: RankArray, *, queries: IntArray, own: NDArray[np.bool_], count: int, k: int) -> Values:
    """TLR@k: share of the golds in other languages than the query's that are among the top k; NaN without any.

    Args:
        ranks: (golds,) from 1.
        queries: (golds,) row of the query.
        own: (golds,) whether the gold is in its query's language.
        count: Number of queries.
        k: Cut-off.
    """
    others = queries[~own]
    golds = np.bincount(others, minlength=count)
    found = np.bincount(others, ranks[~own] <= k, minlength=count)
    with np.errstate(invalid="ignore"):
        return np.where(golds > 0, found / golds, np.nan)
