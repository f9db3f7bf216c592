"""Fail a build if quality falls or language bias rises compared with a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from searchapp.errors import ConfigurationError
from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.results import MEAN, Results


@dataclass(frozen=True, slots=True)
class Limits:
    """How much worse than the baseline the candidate may be, in the measures' own units; None for no limit.

    Attributes:
        map_drop: Drop of the main measure, averaged over languages.
        language_map_drop: Drop of the main measure in any one language.
        rank_distance_rise: Rise of the mean rank distance.
        preference_rise: Rise of LPR.
        lift_rise: Rise of the lift of the query's own language.
    """

    map_drop: float | None = None
    language_map_drop: float | None = None
    rank_distance_rise: float | None = None
    preference_rise: float | None = None
    lift_rise: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison with the baseline.

    Attributes:
        worsening: How much worse the candidate is; negative if it is better.
    """

    name: str
    baseline: float
    candidate: float
    worsening: float
    limit: float

    @property
    def passed(self) -> bool:
        """Return whether the worsening is within the limit, ignoring rounding errors."""
        return self.worsening <= self.limit + 1e-9

    def __str__(self) -> str:
        verb = "exceeds" if not self.passed else "is within"
        return (
            f"{self.name}: {self.baseline:.4f} -> {self.candidate:.4f}, "
            f"worse by {self.worsening:.4f}, which {verb} the limit of {self.limit:g}"
        )


def check_gate(candidate: Results, baseline: Results, limits: Limits) -> list[Check]:
    """Compare a candidate with the baseline.

    Args:
        candidate: Results of the system to be checked.
        baseline: Results of the system it is compared with, on the same task with the same settings.
        limits: How much worse the candidate may be; at least one limit is set.

    Returns:
        One check per limit, and for `language_map_drop` one per query language.

    Raises:
        ConfigurationError: No limit is set, one is negative, the two were not evaluated on the same task with the same
            settings, or a limited measure is missing.
    """
    _check_comparable(candidate, baseline)
    checks: list[Check] = []
    if limits.map_drop is not None or limits.language_map_drop is not None:
        setting = _setting(candidate, baseline)
        measure = baseline.task.main_measure
        old, new = baseline.figures[setting], candidate.figures[setting]
        if limits.map_drop is not None:
            pair = old[MEAN][measure], new[MEAN][measure]
            checks.append(_drop(f"{setting} {measure}", *pair, limit=limits.map_drop))
        if limits.language_map_drop is not None:
            for language in sorted(old.keys() - {MEAN}):
                pair = old[language][measure], new[language][measure]
                checks.append(_drop(f"{setting} {measure} in {language}", *pair, limit=limits.language_map_drop))
    lift = next((name for name in baseline.bias if name.startswith("lift@")), "lift")
    rises = {RANK_DISTANCE: limits.rank_distance_rise, LPR: limits.preference_rise, lift: limits.lift_rise}
    for name, limit in rises.items():
        if limit is not None:
            before, after = _bias(baseline.bias, name, "baseline"), _bias(candidate.bias, name, "candidate")
            checks.append(Check(name=name, baseline=before, candidate=after, worsening=after - before, limit=limit))
    if not checks:
        raise ConfigurationError("no limit is set; give --max-map-drop, --max-rank-distance-rise or another")
    negative = [check.name for check in checks if check.limit < 0]
    if negative:
        raise ConfigurationError(f"the limit of {negative[0]} is negative; 0 allows no worsening")
    return checks


def _check_comparable(candidate: Results, baseline: Results) -> None:
    if candidate.task.digest != baseline.task.digest:
        raise ConfigurationError(
            f"the candidate was evaluated on {candidate.task.name} ({candidate.task.digest}), the baseline on "
            f"{baseline.task.name} ({baseline.task.digest}): figures of different data cannot be compared"
        )
    depths = [results.system.settings.get("limit") for results in (candidate, baseline)]
    if depths[0] != depths[1]:
        raise ConfigurationError(
            f"the candidate's figures are of {_hits(depths[0])}, the baseline's of {_hits(depths[1])}: "
            "evaluate both in the same way"
        )
    if candidate.task.main_measure != baseline.task.main_measure:
        raise ConfigurationError(
            f"the main measures are {candidate.task.main_measure} and {baseline.task.main_measure}; "
            "evaluate both with the same --measure"
        )


def _setting(candidate: Results, baseline: Results) -> str:
    if baseline.main is None or candidate.main is None or baseline.main[0] != candidate.main[0]:
        raise ConfigurationError(f"one of the results lacks {baseline.task.main_measure}; evaluate again")
    return baseline.main[0]


def _drop(name: str, before: float, after: float, *, limit: float) -> Check:
    return Check(name=name, baseline=before, candidate=after, worsening=before - after, limit=limit)


def _bias(bias: Mapping[str, Mapping[str, float]], name: str, whose: str) -> float:
    if name not in bias:
        raise ConfigurationError(f"the {whose} has no {name}: the task has no parallel golds, or one language only")
    return bias[name][MEAN]


def _hits(limit: int | None) -> str:
    return "the exact ranking of the whole pool" if limit is None else f"the first {limit} hits"
