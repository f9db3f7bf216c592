"""Measure the preference for the query's own language: LPR by the first gold, TLR by golds in other languages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values
from searchapp.evaluation.scorer import RankArray


def same_language_preference(ranks: RankArray, *, queries: IntArray, own: NDArray[np.bool_], count: int) -> Values:
    """Compute LPR: 1 if a query's top-ranked gold is in its own language, else 0.

    NaN if all golds or none are in the query's language, and if none was retrieved. Without preference the mean is 1 divided
    by the number of languages of the golds.

    Args:
        ranks: (golds,) from 1; infinity if not retrieved.
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
    """Compute TLR@k: the share of golds in other languages than the query's among the top k; NaN if there are none.

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
