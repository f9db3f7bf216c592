"""Per-language z-scored merging: each candidate against the best candidates of its own language.

A score's worth is how far it stands out among its language's best, in standard deviations: this takes away that one
language's cosines are higher or wider spread than another's. λ goes from the z-score among all languages' best (which keeps
the order) to the one within the language. It promises no shares: balanced means that languages compete on an equal footing,
and a language without a good answer stays below.

Every language is measured by equally many candidates (as far as it has them), because the mean of more is lower. The
variance leans on that of all languages, as if `PRIOR` candidates of average spread were added: a handful says little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BEST = 10
"""Candidates of a language that it is measured by: as many as are fetched of each."""

PRIOR = 2.0
"""Weight of the common variance, in candidates."""


def zscore(scores: Sequence[float], languages: Sequence[str], *, strength: float, best: int = BEST) -> list[float]:
    """Score candidates.

    Args:
        scores: Relevance, largest first.
        languages: One per candidate.
        strength: λ, 0 to 1; 0 keeps the order.
        best: Candidates of each language that mean and variance are taken from.

    Returns:
        One score per candidate; equal ones are meant to stay in order of relevance.
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
    """Standardise; where nothing varies, every value is the mean."""
    return (values - mean) / np.sqrt(variance) if variance > 0 else np.zeros(len(values))
