"""Estimate means over seeds with t intervals, and differences with a bootstrap over queries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

CONFIDENCE = 0.95
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds.

    Attributes:
        mean: Of the seeds' values.
        half: Half of its 95 % interval; NaN for one seed.
        count: Number of seeds.
    """

    mean: float
    half: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """Estimate from values that differ only in the seed."""
        count = len(values)
        if count < 2:
            return cls(mean=float(np.mean(values)), half=math.nan, count=count)
        spread = float(np.std(values, ddof=1)) / math.sqrt(count)
        return cls(
            mean=float(np.mean(values)), half=float(student.ppf((1 + CONFIDENCE) / 2, count - 1)) * spread, count=count
        )

    @property
    def clear(self) -> bool:
        """Tell whether the interval excludes zero."""
        return abs(self.mean) > self.half

    def show(self, digits: int) -> str:
        """Format as mean ± half, with thousands separators when `digits` is 0."""
        half = "" if math.isnan(self.half) else f" ± {_number(self.half, digits)}"
        return f"{_number(self.mean, digits)}{half}"


def bootstrap(values: NDArray[np.float64], *, seed: int = 0) -> tuple[float, float]:
    """Estimate the 95 % interval of a mean over queries by resampling them.

    Args:
        values: (queries,) differences, already averaged over seeds.
        seed: Of the resampling.

    Returns:
        Lower and upper limit (percentiles).
    """
    rng = np.random.default_rng(seed)
    means = [float(values[rng.integers(len(values), size=len(values))].mean()) for _ in range(RESAMPLES)]
    tail = 100 * (1 - CONFIDENCE) / 2
    return float(np.percentile(means, tail)), float(np.percentile(means, 100 - tail))


def _number(value: float, digits: int) -> str:
    if digits:
        text = f"{value:.{digits}f}"
        return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
    return f"{value:,.0f}"
