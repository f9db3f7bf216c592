from __future__ import annotations

from dataclasses import replace

import pytest

from searchapp.errors import ConfigurationError
from searchapp.evaluation.gate import Limits, check_gate
from searchapp.evaluation.results import Results, System, TaskSummary

TASK = TaskSummary(
    name="toy",
    digest="d1",
    queries=2,
    passages=4,
    golds=4,
    query_languages=("de", "en"),
    passage_languages=("de", "en"),
    main_measure="mAP",
)


def results(quality: float, *, german: float | None = None, distance: float = 100.0, lpr: float = 0.5) -> Results:
    figures = {"mean": {"mAP": quality}, "de": {"mAP": quality if german is None else german}, "en": {"mAP": quality}}
    return Results(
        task=TASK,
        system=System(kind="encoder", name="x"),
        figures={"Mul": figures},
        bias={
            "rank distance": {"mean": distance},
            "LPR": {"mean": lpr},
            "lift@20 of the own language": {"mean": 2 * lpr},
        },
    )


def failed(candidate: Results, baseline: Results, **limits: float) -> list[str]:
    return [check.name for check in check_gate(candidate, baseline, Limits(**limits)) if not check.passed]


def test_within_the_limits() -> None:
    assert failed(results(0.49, distance=104), results(0.5), map_drop=0.01, rank_distance_rise=4) == []


def test_each_limit_fails_on_its_own() -> None:
    assert failed(results(0.48), results(0.5), map_drop=0.01, rank_distance_rise=4) == ["Mul mAP"]
    assert failed(results(0.5, distance=105), results(0.5), map_drop=0.01, rank_distance_rise=4) == ["rank distance"]
    assert failed(results(0.5, lpr=0.6), results(0.5), preference_rise=0.05) == ["LPR"]
    assert failed(results(0.5, lpr=0.6), results(0.5), lift_rise=0.1) == ["lift@20 of the own language"]
    assert failed(results(0.5, german=0.3), results(0.5), language_map_drop=0.1, map_drop=0) == ["Mul mAP in de"]


def test_improvements_pass_even_with_no_allowance() -> None:
    assert (
        failed(results(0.6, distance=50, lpr=0.1), results(0.5), map_drop=0, rank_distance_rise=0, preference_rise=0)
        == []
    )


def test_the_reason_has_both_values_and_the_limit() -> None:
    (check,) = check_gate(results(0.48), results(0.5), Limits(map_drop=0.01))
    assert str(check) == "Mul mAP: 0.5000 -> 0.4800, worse by 0.0200, which exceeds the limit of 0.01"


def test_what_cannot_be_compared_is_refused() -> None:
    other = replace(results(0.5), task=replace(TASK, digest="d2"))
    with pytest.raises(ConfigurationError, match="figures of different data cannot be compared"):
        check_gate(results(0.5), other, Limits(map_drop=0))
    cut = replace(results(0.5), system=System(kind="collection", name="x", settings={"limit": 100}))
    with pytest.raises(
        ConfigurationError, match="exact ranking of the whole pool, the baseline's of the first 100 hits"
    ):
        check_gate(results(0.5), cut, Limits(map_drop=0))
    with pytest.raises(ConfigurationError, match="no limit is set"):
        check_gate(results(0.5), results(0.5), Limits())
    with pytest.raises(ConfigurationError, match="is negative"):
        check_gate(results(0.5), results(0.5), Limits(map_drop=-0.1))
    without = replace(results(0.5), bias={})
    with pytest.raises(ConfigurationError, match="the baseline has no rank distance"):
        check_gate(results(0.5), without, Limits(rank_distance_rise=1))
