"""Test measures of meaning and language together, and the direction of every measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.evaluation.comparison import Comparison
from searchapp.evaluation.directions import direction, verdict
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.language_bias.first_passage import FIRST_PASSAGE, language_aware_ndcg
from searchapp.evaluation.measures import Measure, values_from_ranks
from searchapp.evaluation.report.tables import comparison_table
from searchapp.evaluation.results import MEAN

NDCG = "language-aware nDCG@20"


def ndcg(ranks: list[float], own: list[bool], *, k: int = 20) -> float:
    count = len(ranks)
    values = language_aware_ndcg(
        np.array(ranks, dtype=np.float64),
        queries=np.zeros(count, dtype=np.int64),
        own=np.array(own),
        relevance=np.ones(count, dtype=np.int64),
        count=1,
        k=k,
    )
    return float(values[0])


def test_by_hand() -> None:
    # the translation first, the query's own language second: (0.5 / 1 + 1 / log2 3) / (1 / 1 + 0.5 / log2 3)
    assert ndcg([2, 1], [True, False]) == pytest.approx((0.5 + 1 / np.log2(3)) / (1 + 0.5 / np.log2(3)))


@given(languages=st.lists(st.booleans(), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_the_ideal_order_is_one_and_no_order_is_above(languages: list[bool], seed: int) -> None:
    ideal = np.empty(len(languages))
    ideal[np.argsort([not own for own in languages], kind="stable")] = np.arange(1, len(languages) + 1)
    assert ndcg(ideal.tolist(), languages) == pytest.approx(1)
    shuffled = np.random.default_rng(seed).permutation(ideal)
    value = ndcg(shuffled.tolist(), languages)
    assert 0 < value <= 1 + 1e-12
    own = sorted(rank for rank, is_own in zip(shuffled, languages, strict=True) if is_own)
    assert (value > 1 - 1e-9) == (own == list(range(1, len(own) + 1))), "one means: the query's language comes first"


@given(ranks=st.lists(st.integers(1, 60), min_size=1, max_size=8, unique=True), own=st.booleans())
def test_golds_of_one_kind_give_plain_ndcg(ranks: list[int], own: bool) -> None:
    count = len(ranks)
    plain = values_from_ranks(
        Measure("nDCG", 20),
        ranks=np.array(ranks, dtype=np.float64),
        relevance=np.ones(count, dtype=np.int64),
        units=np.zeros(count, dtype=np.int64),
        count=1,
    )
    assert ndcg([float(rank) for rank in ranks], [own] * count) == pytest.approx(float(plain[0]))


def test_oracles(parallel_task, perfect, own_language_first) -> None:
    blind = evaluate_encoder(parallel_task(), perfect).results.bias
    assert [blind[name][MEAN] for name in FIRST_PASSAGE] == pytest.approx([1 / 11, 10 / 11, 0, 0])
    assert 0.5 < blind[NDCG][MEAN] < 1, "blind to language: every gold is found, its own language only by chance first"
    narrow = evaluate_encoder(parallel_task(), own_language_first).results.bias
    assert [narrow[name][MEAN] for name in FIRST_PASSAGE] == [1, 0, 0, 0]
    assert narrow[NDCG][MEAN] < 1, "the translations come after every passage of the query's language"


def test_shares_sum_to_one(parallel_task, ignorant) -> None:
    bias = evaluate_encoder(parallel_task(8), ignorant).results.bias
    for language in bias[FIRST_PASSAGE[0]]:
        assert sum(bias[name][language] for name in FIRST_PASSAGE if name in bias) == pytest.approx(1)


def test_a_rise_of_rank_distance_is_worse() -> None:
    assert verdict("Mul mAP", 0.4, 0.5) == "better"
    assert verdict("rank distance", 100, 200) == "worse"
    assert verdict("rank distance", 200, 100) == "better"
    assert verdict("LPR", 0.5, 0.2, unbiased=1 / 11) == "better"
    assert verdict("LPR", 0.09, 0.0, unbiased=1 / 11) == "worse", "no preference is the target, not the least one"
    assert verdict("LPR", 0.5, 0.2) == "lower", "the target is not known"
    assert direction("TLR@20") == "up"
    assert direction(FIRST_PASSAGE[3]) == "down"
    row = Comparison("rank distance", MEAN, 10, 100.0, 200.0, 90.0, 110.0, 0.001, 0.001)
    table = comparison_table([row])
    assert table.rows[0][0] == "mean of groups"
    assert table.rows[0][-1] == "worse"
