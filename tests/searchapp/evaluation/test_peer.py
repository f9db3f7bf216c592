from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kruskal

from searchapp.evaluation.language_bias.peer import peer
from searchapp.statistics.significance import kruskal_wallis


@pytest.mark.parametrize("seed", range(8))
def test_kruskal_wallis_equals_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = random.integers(0, 4, size=30)
    values = random.integers(1, 12, size=30).astype(float)  # with ties
    expected = kruskal(*(values[groups == group] for group in np.unique(groups)))
    assert kruskal_wallis(values, groups) == pytest.approx(tuple(expected))


def one_query(
    ranks: list[float], languages: list[int], relevance: list[int] | None = None, **options: object
) -> object:
    return peer(
        np.array(ranks, dtype=float),
        queries=np.zeros(len(ranks), dtype=np.int64),
        languages=np.array(languages),
        relevance=np.array(relevance or [1] * len(ranks)),
        pool=1000,
        k=options.pop("k", 100),
        **options,
    )


def test_a_query_with_several_golds_per_language_is_tested_alone() -> None:
    found = one_query([1, 3, 5, 2, 4, 6], [0, 0, 0, 1, 1, 1])
    assert not found.pooled
    assert found.value == pytest.approx(kruskal([1, 3, 5], [2, 4, 6]).pvalue)


def test_golds_beyond_the_cut_share_a_rank() -> None:
    found = one_query([1, 2, 50, 60, 70, 80], [0, 0, 0, 1, 1, 1], k=20)
    assert found.value == pytest.approx(kruskal([1, 2, 500], [500, 500, 500]).pvalue)
    missing = one_query([1, 2, np.inf, np.inf, 70, 80], [0, 0, 0, 1, 1, 1], k=20)
    assert missing.value == pytest.approx(found.value)


def test_levels_are_weighted_and_those_without_a_test_left_out() -> None:
    ranks, languages = [1, 3, 2, 4, 10, 11, 30, 31, 7, 8], [0, 0, 1, 1, 0, 0, 1, 1, 0, 0]
    levels = [2, 2, 2, 2, 1, 1, 1, 1, 3, 3]
    high = kruskal([1, 3], [2, 4]).pvalue
    low = kruskal([10, 11], [30, 31]).pvalue
    found = one_query(ranks, languages, levels, weights={2: 0.75, 1: 0.25, 3: 1.0})
    assert found.value == pytest.approx(0.75 * high + 0.25 * low)
    assert one_query(ranks, languages, levels).value == pytest.approx((high + low) / 2)


def test_one_language_is_undefined_not_one() -> None:
    assert one_query([1, 2, 3], [0, 0, 0]).value is None


def test_one_gold_per_language_pools_the_queries() -> None:
    random = np.random.default_rng(0)
    queries, languages = np.repeat(np.arange(50), 3), np.tile(np.arange(3), 50)
    ranks = random.permuted(np.tile(np.arange(1.0, 4.0), (50, 1)), axis=1).ravel()
    fair = peer(ranks, queries=queries, languages=languages, relevance=np.ones(150, dtype=int), pool=10, k=10)
    assert fair.pooled
    assert fair.queries == 50
    assert fair.value == pytest.approx(kruskal(*(ranks[languages == code] for code in range(3))).pvalue)
    biased = peer(
        (languages + 1).astype(float),
        queries=queries,
        languages=languages,
        relevance=np.ones(150, dtype=int),
        pool=10,
        k=10,
    )
    assert biased.value == pytest.approx(0.0, abs=1e-12)
    assert biased.effect == pytest.approx(1.0)
    assert fair.effect < 0.05


def test_all_ranks_equal_is_no_evidence_of_bias() -> None:
    assert one_query([500, 600, 700, 800], [0, 0, 1, 1], k=10).value == 1.0
