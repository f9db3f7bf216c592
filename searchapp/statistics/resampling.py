"""Estimate by bootstrap how a mean would vary in other samples of the same size (Efron, 1979)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 500
"""Maximum number of resamples in memory at a time."""


def bootstrap_means(values: NDArray[np.float64], *, samples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Draw samples with replacement and average each.

    Args:
        values: (n,) values, or (n, columns) whose rows are drawn together.
        samples: Number of samples.
        random: Source of the draws.

    Returns:
        (samples,) means, or (samples, columns).
    """
    means = []
    for start in range(0, samples, AT_ONCE):
        drawn = random.integers(0, len(values), size=(min(AT_ONCE, samples - start), len(values)))
        means.append(values[drawn].mean(axis=1))
    return np.concatenate(means)


def percentile_interval(drawn: NDArray[np.float64], *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval that excludes the same share of resampled values at both ends.

    Args:
        drawn: (samples,) values of a statistic in resamples, such as those from `bootstrap_means`.
        confidence: Share of the values inside the interval, in (0, 1).

    Returns:
        Lower and upper limit.
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def bootstrap_interval(values: NDArray[np.float64], *, samples: int = 2_000, seed: int = 0) -> tuple[float, float]:
    """Estimate the 95 % interval of a mean.

    Args:
        values: (n,) independent values.
        samples: Number of resamples.
        seed: Seed of the draws.

    Returns:
        Lower and upper limit.
    """
    return percentile_interval(bootstrap_means(values, samples=samples, random=np.random.default_rng(seed)))
