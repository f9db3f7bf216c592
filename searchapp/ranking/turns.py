"""Give languages equal exposure: their best hits take turns at the top, in a random order per query.

Shares alone leave the first places, which get most of the attention, to the query's own language. Here every language is
equally likely to get them (equity of attention: Biega, Gummadi & Weikum 2018). The query seeds the order of the languages, so
that a query always gives the same result and every language is on top equally often over many queries. A candidate's place
is (1 − λ) · its place by relevance + λ · its place by turns. Balanced means uniform.
"""

from __future__ import annotations

from collections.abc import Sequence


def turns(languages: Sequence[str], *, strength: float, seed: str) -> list[float]:
    """Score candidates; a larger score is a better place.

    Args:
        languages: Language of each candidate, most relevant first.
        strength: λ, 0 to 1; 0 keeps the order.
        seed: Determines the order of the languages; the query.

    Returns:
        One score per candidate. Ties keep the order of relevance.
    """
    names = sorted(set(languages))
    from random import Random

    Random(seed).shuffle(names)  # noqa: S311 (a fair draw, no secret)
    turn = {language: place for place, language in enumerate(names, start=1)}
    counts = dict.fromkeys(names, 0)
    scores = []
    for place, language in enumerate(languages, start=1):
        by_turns = counts[language] * len(names) + turn[language]
        counts[language] += 1
        scores.append(-((1 - strength) * place + strength * by_turns))
    return scores
