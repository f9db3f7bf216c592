"""Test differences for significance and correct p-values for their number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import MissingExtraError
from searchapp.statistics.resampling import AT_ONCE


def holm(values: Sequence[float]) -> list[float]:
    """Correct p-values for their number (Holm, 1979): the smallest times n, the next times n - 1, never decreasing.

    Args:
        values: The p-values, in any order.

    Returns:
        The corrected p-values, in the order of `values`.
    """
    order = np.argsort(values, kind="stable")
    corrected = np.empty(len(values))
    highest = 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - place) * values[index]))
        corrected[index] = highest
    return [float(value) for value in corrected]


def randomisation_p(differences: NDArray[np.float64], *, samples: int, random: np.random.Generator) -> float:
    """Test paired differences with Fisher's randomisation: without a difference, their signs are exchangeable.

    Args:
        differences: (n,) differences of pairs.
        samples: Random draws; the smallest possible p-value is 1 / (samples + 1).
        random: Source of the draws.

    Returns:
        The two-sided p-value.
    """
    observed = abs(differences.sum())
    extreme = 0
    for start in range(0, samples, AT_ONCE):
        signs = random.integers(0, 2, size=(min(AT_ONCE, samples - start), len(differences)), dtype=np.int8) * 2.0 - 1
        # Sums of the same numbers in another order differ in the last bits; equal ones must count as extreme.
        extreme += int((np.abs(signs @ differences) >= observed * (1 - 1e-12) - 1e-15).sum())
    return (extreme + 1) / (samples + 1)


def bootstrap_p(means: NDArray[np.float64], mean: float) -> float:
    """Test whether a mean differs from zero, with resamples shifted to have no difference.

    Args:
        means: (samples,) means of resamples.
        mean: The mean of the sample itself.

    Returns:
        The two-sided p-value.
    """
    return (int((np.abs(means - mean) >= abs(mean)).sum()) + 1) / (len(means) + 1)


def kruskal_wallis(values: NDArray[np.float64], groups: NDArray[np.integer]) -> tuple[float, float] | None:
    """Test whether groups have equal ranks (Kruskal & Wallis, 1952), corrected for ties.

    Equal values throughout are no evidence against equal ranks: H 0, p 1.

    Args:
        values: (n,) values.
        groups: (n,) number of each value's group.

    Returns:
        H and p; None with fewer than two groups.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    try:
        from scipy.special import chdtrc  # takes a hundredth of the time to import scipy.stats
    except ImportError as error:
        raise MissingExtraError(feature="the Kruskal-Wallis test", extra="eval") from error
    _, group = np.unique(groups, return_inverse=True)
    sizes = np.bincount(group)
    if len(sizes) < 2:
        return None
    if np.all(values == values[0]):
        return 0.0, 1.0
    _, place, equal = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(equal) - (equal - 1) / 2)[place]  # ties share their mean rank
    count = len(values)
    means = np.bincount(group, ranks) / sizes
    between = float((sizes * (means - ranks.mean()) ** 2).sum())
    within = float(((ranks - ranks.mean()) ** 2).sum())
    statistic = (count - 1) * between / within
    return statistic, float(chdtrc(len(sizes) - 1, statistic))
