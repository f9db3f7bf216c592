"""Estimate means of a few values with t intervals, such as means over the seeds of a training run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from searchapp.errors import MissingExtraError
from searchapp.statistics.intervals import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its interval.

    Attributes:
        mean: Mean of the values.
        half: Half the width of its 95 % interval; NaN for one value.
        count: Number of values.
    """

    mean: float
    half: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """Estimate the mean of independent values.

        Args:
            values: One or more values, such as a measure's by seed.

        Raises:
            MissingExtraError: SciPy is not installed.
        """
        count = len(values)
        if count < 2:
            return cls(mean=float(np.mean(values)), half=math.nan, count=count)
        try:
            from scipy.special import stdtrit  # takes a hundredth of the time to import scipy.stats
        except ImportError as error:
            raise MissingExtraError(feature="t intervals", extra="eval") from error
        spread = float(np.std(values, ddof=1)) / math.sqrt(count)
        width = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2))
        return cls(mean=float(np.mean(values)), half=width * spread, count=count)

    @property
    def clear(self) -> bool:
        """Return whether the interval excludes zero."""
        return abs(self.mean) > self.half

    def show(self, digits: int) -> str:
        """Format as mean ± half, with thousands separators if `digits` is 0.

        Args:
            digits: Digits after the decimal point.
        """
        half = "" if math.isnan(self.half) else f" ± {_number(self.half, digits)}"
        return f"{_number(self.mean, digits)}{half}"


def _number(value: float, digits: int) -> str:
    if digits:
        text = f"{value:.{digits}f}"
        return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
    return f"{value:,.0f}"
