"""Merge the languages by z-score: each candidate is compared with the best candidates of its own language.

A z-score measures how far a candidate stands out among its language's best, in standard deviations. It removes the effect of
one language's cosines being higher or more spread out than another's. λ moves from the z-score among all languages' best
candidates (which keeps the order) to the one within the language. Balanced means that languages compete on an equal footing,
without guaranteed shares: a language without a good answer stays below.

Every language is measured on the same number of candidates where possible, because the mean of more is lower. Its variance
is shrunk towards that of all languages, as if `PRIOR` candidates of average spread were added, because a few say little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BEST = 10
"""Candidates of each language for mean and variance: as many as are fetched per language."""

PRIOR = 2.0
"""Weight of the common variance, as a number of candidates."""


def zscore(scores: Sequence[float], languages: Sequence[str], *, strength: float, best: int = BEST) -> list[float]:
    """Score candidates.

    Args:
        scores: Relevance, largest first.
        languages: Language of each candidate.
        strength: λ, 0 to 1; 0 keeps the order.
        best: Candidates of each language for mean and variance.

    Returns:
        One score per candidate. Ties keep the order of relevance.
    """
    values = np.array(scores, dtype=np.float64)
    names = np.array(languages, dtype=object)
    members = {language: values[names == language][:best] for language in dict.fromkeys(languages)}
    if not members:
        return []
    deviations = [(values_ - values_.mean()) ** 2 for values_ in members.values()]
    freedom = sum(len(values_) - 1 for values_ in members.values())
    common = float(sum(squares.sum() for squares in deviations)) / max(1, freedom)
    everyone = np.concatenate(list(members.values()))
    overall = _standard(values, mean=float(everyone.mean()), variance=float(everyone.var()))
    within = np.zeros(len(values))
    for (language, values_), squares in zip(members.items(), deviations, strict=True):
        variance = (float(squares.sum()) + PRIOR * common) / (len(values_) - 1 + PRIOR)
        own = names == language
        within[own] = _standard(values[own], mean=float(values_.mean()), variance=variance)
    found: list[float] = ((1 - strength) * overall + strength * within).tolist()
    return found


def _standard(values: NDArray[np.float64], *, mean: float, variance: float) -> NDArray[np.float64]:
    """Standardise the values; if they do not vary, every value becomes the mean."""
    return (values - mean) / np.sqrt(variance) if variance > 0 else np.zeros(len(values))
