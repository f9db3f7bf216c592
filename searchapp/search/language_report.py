"""Measure which languages a result favours: counts, shares, lift and intervals. Pure functions of a list of languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from searchapp.datatypes import LanguageReport, LanguageShare
from searchapp.statistics.intervals import CONFIDENCE, exact_interval


def language_report(
    languages: Sequence[str],
    baseline: Mapping[str, float],
    *,
    confidence: float = CONFIDENCE,
    baseline_name: str = "collection",
) -> LanguageReport:
    """Compare the hits' languages with the shares that they would have without bias.

    Args:
        languages: Language of each hit.
        baseline: Language -> non-negative weight on any scale, such as point counts. Languages without hits are included.
        confidence: Confidence of each language's own interval. With many languages a few are exceeded by chance.
        baseline_name: Origin of the baseline, for display.
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
