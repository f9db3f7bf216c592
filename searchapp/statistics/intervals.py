"""Compute confidence intervals of shares."""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p

CONFIDENCE = 0.95


def exact_interval(count: int, total: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Compute the interval of a share after Clopper & Pearson (1934), whose error is bounded on both sides.

    A result page has few hits. Wilson's interval, good on average, would call a language over-represented for a single
    hit out of one or two. This interval never exceeds its nominal error.

    Args:
        count: Successes, 0 ≤ count ≤ total.
        total: Trials; 0 gives the whole of [0, 1].
        confidence: Confidence level in (0, 1).
    """
    error = (1 - confidence) / 2
    return _lower_limit(count, total, error), 1.0 - _lower_limit(total - count, total, error)


@lru_cache(maxsize=4096)
def _lower_limit(count: int, total: int, error: float) -> float:
    """Find the share at which `count` successes or more have the probability `error`, by bisection."""
    low, high = 0.0, count / total if total else 0.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(count, total, middle) < error else (low, middle)
    return low


def _tail(count: int, total: int, share: float) -> float:
    """Compute the probability of `count` successes or more. `share` < count / total, so that the terms decrease."""
    odds = share / (1 - share)
    ways = lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1)
    term = tail = exp(ways + count * log(share) + (total - count) * log1p(-share))
    for successes in range(count, total):
        term *= odds * (total - successes) / (successes + 1)
        tail += term
        if term < 1e-12 * tail:
            break
    return tail
