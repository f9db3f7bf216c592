"""Define the direction in which each measure improves."""

from __future__ import annotations

from typing import Literal, TypeAlias

from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.language_bias.first_passage import FIRST_PASSAGE

Direction: TypeAlias = Literal["up", "down", "target"]
Verdict: TypeAlias = Literal["better", "worse", "higher", "lower"]

_DOWN = (RANK_DISTANCE, "alignment", "uniformity", *FIRST_PASSAGE[2:])


def direction(measure: str) -> Direction:
    """Return the direction in which a measure improves.

    Args:
        measure: Name as in the results, such as `Mul mAP`, `rank distance` or `LPR`.

    Returns:
        `up` or `down`, or `target` for a measure that is best at the value of an unbiased ranking.
    """
    if measure in _DOWN:
        return "down"
    if measure == LPR or measure.startswith("lift@") or measure.endswith(" effect") or measure == FIRST_PASSAGE[1]:
        return "target"
    return "up"


def verdict(measure: str, before: float, after: float, *, unbiased: float | None = None) -> Verdict:
    """Judge a change of a measure.

    Args:
        measure: Name as in the results.
        before: The value of A.
        after: The value of B.
        unbiased: The value of an unbiased ranking, if known.

    Returns:
        `better` or `worse`, or `higher` or `lower` if the measure's target is unknown.
    """
    way = direction(measure)
    if way == "target":
        if unbiased is None:
            return "higher" if after > before else "lower"
        return "better" if abs(after - unbiased) < abs(before - unbiased) else "worse"
    return "better" if (after > before) == (way == "up") else "worse"
