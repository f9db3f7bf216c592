"""Means over seeds with t intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Two-sided 95 % quantiles of Student's t by degrees of freedom.
_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds.

    Attributes:
        half: Half of its 95 % interval; NaN for one seed.
        count: Seeds.
    """

    mean: float
    half: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """Of values that differ only in the seed."""
        count = len(values)
        if count < 2:
            return cls(mean=float(np.mean(values)), half=math.nan, count=count)
        spread = float(np.std(values, ddof=1)) / math.sqrt(count)
        return cls(mean=float(np.mean(values)), half=_T.get(count - 1, 1.96) * spread, count=count)

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return abs(self.mean) > self.half

    def show(self, digits: int) -> str:
        """Mean ± half; thousands with commas when there are no digits."""
        half = "" if math.isnan(self.half) else f" ± {_number(self.half, digits)}"
        return f"{_number(self.mean, digits)}{half}"


def _number(value: float, digits: int) -> str:
    if digits:
        text = f"{value:.{digits}f}"
        return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
    return f"{value:,.0f}"
