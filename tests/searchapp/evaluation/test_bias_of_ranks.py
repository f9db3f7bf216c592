from __future__ import annotations

import numpy as np
import pytest

from searchapp.evaluation.language_bias.geometry import alignment, uniformity
from searchapp.evaluation.language_bias.lift import lift_matrix, wilson_interval
from searchapp.evaluation.language_bias.matrices import language_matrix
from searchapp.evaluation.language_bias.preference import other_language_recall, same_language_preference
from searchapp.evaluation.language_bias.rank_distance import rank_distance

# Three queries; golds: query 0 at 3, 10, 5; query 1 at 7 only; query 2 at 2 and not retrieved.
RANKS = np.array([3.0, 10.0, 5.0, 7.0, 2.0, np.inf])
QUERIES = np.array([0, 0, 0, 1, 2, 2])


def test_rank_distance_worked_by_hand() -> None:
    np.testing.assert_equal(rank_distance(RANKS, queries=QUERIES, count=3, missing=101), [7.0, np.nan, 99.0])


def test_rank_distance_is_at_least_golds_minus_one() -> None:
    ranks = np.arange(1.0, 12.0)
    assert rank_distance(ranks, queries=np.zeros(11, dtype=np.int64), count=1)[0] == 10


def test_same_language_preference_worked_by_hand() -> None:
    own = np.array([False, True, False, True, True, False])
    found = same_language_preference(RANKS, queries=QUERIES, own=own, count=3)
    # Query 0: another language is first. Query 1 has no choice. Query 2: its own is the only one found.
    np.testing.assert_equal(found, [0.0, np.nan, 1.0])


def test_same_language_preference_is_undefined_when_nothing_is_found() -> None:
    found = same_language_preference(
        np.array([np.inf, np.inf]), queries=np.zeros(2, dtype=np.int64), own=np.array([True, False]), count=1
    )
    np.testing.assert_equal(found, [np.nan])


def test_other_language_recall_worked_by_hand() -> None:
    own = np.array([False, True, False, True, True, False])
    np.testing.assert_equal(other_language_recall(RANKS, queries=QUERIES, own=own, count=3, k=4), [0.5, np.nan, 0.0])


def test_language_matrix_leaves_out_what_is_undefined() -> None:
    found = language_matrix(
        np.array([1.0, 3.0, np.nan, 5.0]),
        rows=np.array([0, 0, 0, -1]),
        columns=np.array([1, 1, 0, 0]),
        shape=(2, 2),
    )
    np.testing.assert_equal(found, [[np.nan, 2.0], [np.nan, np.nan]])


def lift(top: list[list[int]], *, baseline: dict[str, float], k: int = 4) -> object:
    return lift_matrix(
        np.array(top),
        rows=[np.arange(len(top))],
        row_names=["de"],
        languages=("de", "en"),
        baseline=baseline,
        k=k,
    )


def test_lift_worked_by_hand() -> None:
    # 5 of 8 hits are German (the last column is beyond k), in a pool that is a quarter German.
    found = lift([[0, 0, 0, 1, 1], [0, 1, 1, 0, 1]], baseline={"de": 10, "en": 30})
    np.testing.assert_allclose(found.lift, [[(5 / 8) / 0.25, (3 / 8) / 0.75]])
    assert found.own == {"de": 2.5}
    assert (found.low <= found.lift).all()
    assert (found.lift <= found.high).all()


def test_lift_counts_what_was_retrieved_only() -> None:
    found = lift([[0, -1, -1, -1]], baseline={"de": 1, "en": 1})
    np.testing.assert_allclose(found.lift, [[2.0, 0.0]])


def test_lift_of_a_language_without_baseline_is_undefined() -> None:
    found = lift([[0, 0, 1, 1]], baseline={"de": 1, "en": 0})
    np.testing.assert_equal(np.isnan(found.lift), [[False, True]])


def test_wilson_interval_against_values_worked_by_hand() -> None:
    # z = 1.96, 8 of 10: centre (0.8 + 0.19207)/1.38415, spread sqrt(0.016 + 0.0096036)*1.96/1.38415
    low, high = wilson_interval(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    assert wilson_interval(10, 10)[1] == 1.0


def test_lift_interval_is_wilsons_for_independent_hits_and_wider_for_dependent_ones() -> None:
    random = np.random.default_rng(0)
    independent = random.integers(0, 2, size=(400, 10))
    together = np.repeat(random.integers(0, 2, size=(400, 1)), 10, axis=1)
    loose, tight = (
        lift_matrix(
            top, rows=[np.arange(400)], row_names=["de"], languages=("de", "en"), baseline={"de": 1, "en": 1}, k=10
        )
        for top in (together, independent)
    )
    share = float((independent == 0).mean())
    low, high = wilson_interval(round(share * 4000), 4000)
    assert (tight.high - tight.low)[0, 0] == pytest.approx((high - low) / 0.5, rel=0.15)
    # Ten equal hits per query are worth one: the interval is sqrt(10) times as wide.
    assert (loose.high - loose.low)[0, 0] == pytest.approx((tight.high - tight.low)[0, 0] * 10**0.5, rel=0.15)


def test_alignment_and_uniformity_worked_by_hand() -> None:
    east, north, west = (np.array([row], dtype=np.float32) for row in ([1, 0], [0, 1], [-1, 0]))
    np.testing.assert_allclose(
        alignment(np.concatenate([east, east, east]), np.concatenate([east, north, west])), [0, 2, 4]
    )
    assert uniformity(np.concatenate([east, east, east])) == pytest.approx(0.0)
    assert uniformity(np.concatenate([east, west])) == pytest.approx(-8.0)
    assert uniformity(np.concatenate([east, north, west])) == pytest.approx(np.log((2 * np.exp(-4) + np.exp(-8)) / 3))
    assert np.isnan(uniformity(east))


def test_uniformity_of_a_sample_is_reproducible() -> None:
    vectors = np.random.default_rng(0).standard_normal((300, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert uniformity(vectors, sample=100) == uniformity(vectors, sample=100)
    assert uniformity(vectors, sample=100) == pytest.approx(uniformity(vectors), abs=0.1)
