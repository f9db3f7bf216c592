from __future__ import annotations

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.errors import ConfigurationError
from searchapp.evaluation.measures import Measure, values_from_ranks, values_from_run


def value(name: str, ranks: list[float], relevance: list[int] | None = None) -> float:
    measure = Measure.parse(name)
    assert measure is not None
    found = values_from_ranks(
        measure,
        ranks=np.array(ranks, dtype=np.float64),
        relevance=np.array(relevance or [1] * len(ranks)),
        units=np.zeros(len(ranks), dtype=np.int64),
        count=1,
    )
    return float(found[0])


@pytest.mark.parametrize(
    ("name", "ranks", "expected"),
    [
        ("mAP", [1, 2, 3], 1.0),
        ("mAP", [2], 1 / 2),
        ("mAP", [4, 1], (1 / 1 + 2 / 4) / 2),
        ("mAP", [1, np.inf], 1 / 2),
        ("mAP@3", [4, 1], 1 / 2),
        ("mAP@1", [1, 2, 3], 1.0),  # the divisor is min(golds, cut)
        ("RR", [5, 4], 1 / 4),
        ("RR@3", [5, 4], 0.0),
        ("R@3", [1, 3, 4, 9], 2 / 4),
        ("P@3", [1, 3, 4, 9], 2 / 3),
        ("P@10", [1], 1 / 10),
        ("nDCG@10", [1], 1.0),
        ("nDCG@10", [2], 1 / np.log2(3)),
        ("nDCG@10", [11], 0.0),
    ],
)
def test_worked_by_hand(name: str, ranks: list[float], expected: float) -> None:
    assert value(name, ranks) == pytest.approx(expected)


def test_ndcg_has_linear_gains_and_an_ideal_order() -> None:
    dcg = 1 / np.log2(2) + 3 / np.log2(4)
    ideal = 3 / np.log2(2) + 1 / np.log2(3)
    assert value("nDCG@5", [1, 3], [1, 3]) == pytest.approx(dcg / ideal)


def test_units_are_kept_apart_and_empty_ones_are_undefined() -> None:
    found = values_from_ranks(
        Measure("mAP"),
        ranks=np.array([2.0, 1.0, 1.0]),
        relevance=np.ones(3, dtype=np.int64),
        units=np.array([0, 2, 0]),
        count=4,
    )
    np.testing.assert_allclose(found, [1.0, np.nan, 1.0, np.nan])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_agrees_with_ir_measures(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, 40))
    golds = data.draw(st.lists(st.integers(1, size), min_size=1, max_size=min(8, size), unique=True))
    relevance = data.draw(st.lists(st.integers(1, 3), min_size=len(golds), max_size=len(golds)))
    cut = data.draw(st.integers(1, 50))
    qrels = {"q": {f"d{rank}": level for rank, level in zip(golds, relevance, strict=True)}}
    run = {"q": {f"d{rank}": float(-rank) for rank in range(1, size + 1)}}
    for ours, theirs in (
        ("mAP", "AP"),
        ("RR", "RR"),
        (f"nDCG@{cut}", f"nDCG@{cut}"),
        (f"R@{cut}", f"R@{cut}"),
        (f"P@{cut}", f"P@{cut}"),
        (f"RR@{cut}", f"RR@{cut}"),
    ):
        reference = ir_measures.calc_aggregate([ir_measures.parse_measure(theirs)], qrels, run)
        assert value(ours, golds, relevance) == pytest.approx(next(iter(reference.values())), abs=1e-6), ours
    if cut >= len(golds):
        reference = ir_measures.calc_aggregate([ir_measures.parse_measure(f"AP@{cut}")], qrels, run)
        assert value(f"mAP@{cut}", golds, relevance) == pytest.approx(next(iter(reference.values())), abs=1e-6)


def test_other_measures_come_from_ir_measures() -> None:
    qrels, run = {"q": {"a": 1, "b": 0}}, {"q": {"b": 2.0, "a": 1.0}}
    assert values_from_run("Bpref", qrels=qrels, run=run) == {"q": 0.0}
    assert values_from_run("Success@2", qrels=qrels, run=run) == {"q": 1.0}


def test_names() -> None:
    assert Measure.parse("AP@20") == Measure("mAP", 20)
    assert Measure.parse("Bpref") is None
    with pytest.raises(ConfigurationError, match="needs a cut"):
        Measure.parse("R")
    with pytest.raises(ConfigurationError, match="needs a cut"):
        Measure.parse("nDCG@0")
    with pytest.raises(ConfigurationError, match="'Sparkle' cannot be computed"):
        values_from_run("Sparkle", qrels={"q": {"a": 1}}, run={"q": {"a": 1.0}})
