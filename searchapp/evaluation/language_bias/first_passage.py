"""Classify a query's first passage by meaning (right or wrong) and language (own or other), after MLAIRE.

The four shares follow the idea of MLAIRE (arXiv 2605.07249): a ranking can have the right meaning in a language that the
user did not ask in, or the right language with the wrong meaning. A measure of relevance alone cannot tell them apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Measure, Values, values_from_ranks
from searchapp.evaluation.scorer import RankArray

OTHER_LANGUAGE_GAIN = 0.5
"""Gain of a gold in another language than the query's, relative to one in the query's language."""

_OWN_LANGUAGE_PARTS, _OTHER_LANGUAGE_PARTS = (
    2,
    1,
)  # OTHER_LANGUAGE_GAIN in whole numbers: nDCG does not change with scale

FIRST_PASSAGE = (
    "first passage: right, query's language",
    "first passage: right, other language",
    "first passage: wrong, query's language",
    "first passage: wrong, other language",
)
"""Names of the four shares, in the order of `first_passage_shares`; exactly one of them is 1 for each query."""


def first_passage_shares(*, right: NDArray[np.bool_], own: NDArray[np.bool_], known: NDArray[np.bool_]) -> list[Values]:
    """Classify every query by its first passage.

    Args:
        right: (queries,) whether the first passage is a gold.
        own: (queries,) whether the first passage is in the query's language, or in one of them.
        known: (queries,) whether there is a first passage of a known language; otherwise the shares are NaN.

    Returns:
        Four arrays (queries,) of 1 and 0, in the order of `FIRST_PASSAGE`; their sum is 1 where they are defined.
    """
    classes = (right & own, right & ~own, ~right & own, ~right & ~own)
    return [np.where(known, chosen.astype(np.float64), np.nan) for chosen in classes]


def language_aware_ndcg(
    ranks: RankArray, *, queries: IntArray, own: NDArray[np.bool_], relevance: IntArray, count: int, k: int
) -> Values:
    """Compute nDCG@k with gains that depend on meaning and language. The definition is ours, not MLAIRE's.

    A gold's gain is its relevance if it is in the query's language, and half of it (`OTHER_LANGUAGE_GAIN`) otherwise. All
    other passages have no gain. The ideal ranking sorts the golds by gain, so 1 means that golds in the query's language come
    first and their translations right after them. A ranking that ignores language stays below 1 if both kinds exist, and one
    with the wrong meaning in the right language has 0. If all golds are in one language, this is plain nDCG@k.

    Args:
        ranks: (golds,) from 1; infinity if not retrieved.
        queries: (golds,) row of the query.
        own: (golds,) whether the gold is in its query's language.
        relevance: (golds,) above 0.
        count: Number of queries.
        k: Cut-off.
    """
    gains = relevance * np.where(own, _OWN_LANGUAGE_PARTS, _OTHER_LANGUAGE_PARTS)
    return values_from_ranks(Measure("nDCG", k), ranks=ranks, relevance=gains, units=queries, count=count)
