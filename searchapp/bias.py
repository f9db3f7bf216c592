"""Which languages a result favours: counts, shares, lift and intervals. Pure functions of a list of languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import NormalDist

from searchapp.datatypes import LanguageReport, LanguageShare

CONFIDENCE = 0.95


def wilson_interval(count: int, total: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval of a share by Wilson's score method (1927), which holds up at the small k of a result page.

    Args:
        count: Successes, 0 ≤ count ≤ total.
        total: Trials; 0 gives the whole of [0, 1].
        confidence: In (0, 1).
    """
    if total == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = count / total
    centre = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if count == total else min(1.0, (centre + spread) / scale)
    return low, high


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
        low, high = wilson_interval(counts[language], len(languages), confidence=confidence)
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
