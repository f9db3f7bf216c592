"""Equal exposure by turns: the languages' best hits take turns at the top, whoever is first being drawn by lot.

Shares alone leave the first places to the query's own language, where most of the attention is. Here every language has the
same chance of them (equity of attention: Biega, Gummadi & Weikum 2018): the languages' order is drawn with the query as
seed, so that one query always gets one answer, and over many queries every language is equally often on top. A candidate's
place is (1 − λ) · its place by relevance + λ · its place by turns; balanced means uniform.
"""

from __future__ import annotations

import random
from collections.abc import Sequence


def turns(languages: Sequence[str], *, strength: float, seed: str) -> list[float]:
    """Score candidates; the larger, the further up.

    Args:
        languages: One per candidate, most relevant first.
        strength: λ, 0 to 1; 0 keeps the order.
        seed: Decides the languages' order; the query.

    Returns:
        One score per candidate; equal ones are meant to stay in order of relevance.
    """
    names = sorted(set(languages))
    random.Random(seed).shuffle(names)  # noqa: S311 (a fair draw, no secret)
    turn = {language: place for place, language in enumerate(names, start=1)}
    counts = dict.fromkeys(names, 0)
    scores = []
    for place, language in enumerate(languages, start=1):
        by_turns = counts[language] * len(names) + turn[language]
        counts[language] += 1
        scores.append(-((1 - strength) * place + strength * by_turns))
    return scores
