from __future__ import annotations

import pytest

from searchapp.search.fusion import (
    convex_combination,
    distribution_based_fusion,
    interleaved_combination,
    reciprocal_rank_fusion,
)


def test_reciprocal_rank_fusion_by_hand() -> None:
    fused = reciprocal_rank_fusion({"dense": ["a", "b", "c"], "lexical": ["c", "a"]}, k=60)
    assert fused == pytest.approx({"a": 1 / 61 + 1 / 62, "c": 1 / 63 + 1 / 61, "b": 1 / 62})
    assert list(fused) == ["a", "c", "b"]
    weighted = reciprocal_rank_fusion({"dense": ["a"], "lexical": ["b"]}, weights={"lexical": 2.0})
    assert list(weighted) == ["b", "a"]
    assert list(reciprocal_rank_fusion({"x": ["b"], "y": ["a"]})) == ["a", "b"], "ties go by id"


def test_distribution_based_fusion_by_hand() -> None:
    # mean 2, deviation 1 over {3, 1}: (3-2+3)/6 and (1-2+3)/6
    fused = distribution_based_fusion({"dense": [("a", 3.0), ("b", 1.0)], "lexical": [("b", 7.0)], "none": []})
    assert fused == pytest.approx({"a": 4 / 6, "b": 2 / 6 + 0.5})
    assert list(fused) == ["b", "a"]


def test_convex_combination_by_hand() -> None:
    fused = convex_combination([("a", 0.9), ("b", 0.8)], [("c", 20.0), ("b", 10.0)], weight=0.3)
    assert fused == pytest.approx({"a": 0.9, "b": 0.8 + 0.15, "c": 0.8 + 0.3})
    assert list(fused) == ["c", "b", "a"]
    assert convex_combination([("a", 0.9)], []) == {"a": 0.9}
    assert convex_combination([], [("c", 2.0)], weight=0.3) == {"c": 0.3}


def test_interleaving_orders_languages_by_cosine_and_passages_by_both_legs() -> None:
    dense = [("de1", 0.9), ("fr1", 0.8), ("de2", 0.7), ("fr2", 0.6)]
    lexical = [("de2", 20.0), ("de3", 19.0)]
    languages = {item: item[:2] for item in ("de1", "de2", "de3", "fr1", "fr2")}
    even = interleaved_combination(dense, lexical, language_of=languages, weight=0.4, evenness=1.0)
    # de by convex score: de2 1.1, de3 0.6 + 0.38, de1 0.9; they are given 0.9, 0.7 and the floor 0.6
    assert even == pytest.approx({"de2": 0.9, "fr1": 0.8, "de3": 0.7, "de1": 0.6, "fr2": 0.6})
    assert list(even) == ["de2", "fr1", "de3", "de1", "fr2"]
    lifted = interleaved_combination(dense, lexical, language_of=languages, weight=0.4, evenness=0.0)
    assert lifted == convex_combination(dense, lexical, weight=0.4)
    assert list(lifted)[:3] == ["de2", "de3", "de1"], "without evenness the words push the other language down"
    mixed = interleaved_combination(dense, lexical, language_of=languages, weight=0.4, evenness=0.5)
    assert mixed["de3"] == pytest.approx((0.7 + 0.98) / 2)
    assert interleaved_combination([], [], language_of={}, weight=0.4) == {}
