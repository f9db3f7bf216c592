"""Fuse the languages' own result lists by reciprocal rank (after Cormack, Clarke & Büttcher 2009).

A candidate's score is (1 − λ) / (k + place) + λ / (k + place in its language). It uses ranks only, so the scores of two
languages need not be comparable, and it ignores shares: at λ = 1 every language's best hit comes before any second-best one,
whatever the language's share of the collection. Balanced therefore means uniform.
"""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.options import RRF_K


def rrf(languages: Sequence[str], *, strength: float, k: int = RRF_K) -> list[float]:
    """Score candidates.

    Args:
        languages: Language of each candidate, most relevant first.
        strength: λ, 0 to 1; 0 keeps the order.
        k: Constant added to the ranks; a larger one gives less weight to the first places.

    Returns:
        One score per candidate. Ties keep the order of relevance.
    """
    counts: dict[str, int] = {}
    scores = []
    for place, language in enumerate(languages, start=1):
        counts[language] = counts.get(language, 0) + 1
        scores.append((1 - strength) / (k + place) + strength / (k + counts[language]))
    return scores
