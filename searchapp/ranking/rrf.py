"""Reciprocal-rank fusion of the languages' own result lists (after Cormack, Clarke & Büttcher 2009).

A candidate's score is (1 − λ) / (k + place) + λ / (k + place in its language). It balances by ranks alone, so it does not
matter whether the scores of two languages can be compared; and it knows no shares: at λ = 1 every language's best hit comes
before any second best, whatever part of the collection the language has. Balanced means uniform here.
"""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.options import RRF_K


def rrf(languages: Sequence[str], *, strength: float, k: int = RRF_K) -> list[float]:
    """Score candidates.

    Args:
        languages: One per candidate, most relevant first.
        strength: λ, 0 to 1; 0 keeps the order.
        k: The larger, the less the first places stand out.

    Returns:
        One score per candidate; equal ones are meant to stay in order of relevance.
    """
    counts: dict[str, int] = {}
    scores = []
    for place, language in enumerate(languages, start=1):
        counts[language] = counts.get(language, 0) + 1
        scores.append((1 - strength) / (k + place) + strength / (k + counts[language]))
    return scores
