"""Which languages a result favours: counts, shares, lift and intervals. Pure functions of a list of languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import exp, lgamma, log, log1p

from searchapp.datatypes import LanguageReport, LanguageShare

CONFIDENCE = 0.95


def exact_interval(count: int, total: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval of a share after Clopper & Pearson (1934): the share is above it, or below it, with less than the error.

    A result page has few hits. Wilson's interval, good on average, would call a language over-represented for a single
    hit out of one or two; this one never claims more often than it says.

    Args:
        count: Successes, 0 ≤ count ≤ total.
        total: Trials; 0 gives the whole of [0, 1].
        confidence: In (0, 1).
    """
    error = (1 - confidence) / 2
    return _lower_limit(count, total, error), 1.0 - _lower_limit(total - count, total, error)


@lru_cache(maxsize=4096)
def _lower_limit(count: int, total: int, error: float) -> float:
    """The share with which `count` successes or more have the probability `error`, by bisection."""
    low, high = 0.0, count / total if total else 0.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(count, total, middle) < error else (low, middle)
    return low


def _tail(count: int, total: int, share: float) -> float:
    """Probability of `count` successes or more; `share` < count / total, so that the terms fall."""
    odds = share / (1 - share)
    ways = lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1)
    term = tail = exp(ways + count * log(share) + (total - count) * log1p(-share))
    for successes in range(count, total):
        term *= odds * (total - successes) / (successes + 1)
        tail += term
        if term < 1e-12 * tail:
            break
    return tail


def language_report(
    languages: Sequence[str],
    baseline: Mapping[str, float],
    *,
    confidence: float = CONFIDENCE,
    baseline_name: str = "collection",
) -> LanguageReport:
    """Compare the hits' languages with the shares that they would have without bias.

    Args:
        languages: One per hit.
        baseline: Weight per language, any non-negative scale (point counts do); languages without hits are listed too.
        confidence: Of each language's interval on its own: with many languages a few fall outside by chance.
        baseline_name: Where the baseline comes from, for display.
    """
    counts = Counter(languages)
    weight = sum(baseline.values())
    shares = []
    for language in sorted(set(counts) | {code for code, value in baseline.items() if value > 0}):
        low, high = exact_interval(counts[language], len(languages), confidence=confidence)
        expected = baseline.get(language, 0.0) / weight if weight else 0.0
        shares.append(
            LanguageShare(
                language=language,
                count=counts[language],
                total=len(languages),
                baseline=expected,
                low=low,
                high=high,
            )
        )
    shares.sort(key=lambda share: (-share.count, -share.baseline, share.language))
    return LanguageReport(shares=tuple(shares), baseline=baseline_name, confidence=confidence)
