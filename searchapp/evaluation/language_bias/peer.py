"""Compute PEER@k (arXiv 2405.00978): the probability that equally relevant passages of all languages rank alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.scorer import RankArray
from searchapp.statistics.significance import kruskal_wallis


@dataclass(frozen=True, slots=True)
class Peer:
    """PEER of a set of queries.

    Attributes:
        value: p-value of the Kruskal-Wallis test, averaged; None if no test is possible.
        pooled: Whether all queries' ranks were pooled into one test, because each query has too few golds.
        queries: Number of queries that could be tested.
        effect: Epsilon squared of the pooled test, H / (n - 1): the share of the ranks' variance that language explains.
            It is 0 without bias and, unlike the p-value, independent of the number of queries.
    """

    value: float | None
    pooled: bool
    queries: int
    effect: float | None = None


def peer(
    ranks: RankArray,
    *,
    queries: IntArray,
    languages: IntArray,
    relevance: IntArray,
    pool: int,
    k: int,
    weights: Mapping[int, float] | None = None,
) -> Peer:
    """Test per query and relevance level whether the languages' golds rank alike, by Kruskal-Wallis over their ranks.

    Golds beyond rank k share the mean of the remaining ranks. With one gold per language a single query's test is
    uninformative (every group has one value, H is always n - 1), so the ranks of all queries are pooled into one test. Golds
    in only one language leave nothing to compare: the result is undefined, not 1.

    Args:
        ranks: (golds,) from 1.
        queries: (golds,) row of the query.
        languages: (golds,) language index.
        relevance: (golds,) above 0.
        pool: Passages in the pool.
        k: Cut-off.
        weights: Weight per relevance level; default: equal weights. Levels that cannot be tested for a query are
            ignored, and the other weights scaled up.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    cut = min(k, pool)
    tied = np.where(ranks <= cut, ranks, (cut + 1 + max(pool, cut + 1)) / 2)
    if _one_per_language(queries, languages):
        found = kruskal_wallis(tied, languages)
        if found is None:
            return Peer(value=None, pooled=True, queries=0)
        statistic, probability = found
        effect = statistic / (len(tied) - 1)
        return Peer(value=probability, pooled=True, queries=len(np.unique(queries)), effect=effect)
    values = []
    starts = np.flatnonzero(np.r_[True, queries[1:] != queries[:-1]])
    for start, end in zip(starts, np.r_[starts[1:], len(queries)], strict=True):
        part = slice(int(start), int(end))
        value = _query(tied[part], languages[part], relevance[part], weights=weights)
        if value is not None:
            values.append(value)
    return Peer(value=float(np.mean(values)) if values else None, pooled=False, queries=len(values))


def _query(
    ranks: RankArray, languages: IntArray, relevance: IntArray, *, weights: Mapping[int, float] | None
) -> float | None:
    total = weight_sum = 0.0
    for level in np.unique(relevance):
        weight = 1.0 if weights is None else weights.get(int(level), 0.0)
        found = kruskal_wallis(ranks[relevance == level], languages[relevance == level]) if weight > 0 else None
        if found is not None:
            total += weight * found[1]
            weight_sum += weight
    return total / weight_sum if weight_sum else None


def _one_per_language(queries: IntArray, languages: IntArray) -> bool:
    pairs = np.stack([queries, languages], axis=1)
    return len(np.unique(pairs, axis=0)) == len(pairs)
