"""Guarantee minimum shares at every prefix (after FA*IR: Zehlike et al. 2017, and DetConstSort: Geyik et al. 2019).

At every prefix of k hits, each language has at least ⌊λ · share · k⌋ hits, and so do all the others together: no language
has more than k − ⌊λ · (1 − share) · k⌋. Within these bounds the most relevant candidate comes first. FA*IR's bounds are those
of a significance test at one level for one protected group; bounds proportional to λ hold for every language at once and can
be read off the page. The upper bound matters most on a first page: with eleven equal languages, no language is guaranteed a
hit before the eleventh.

λ = 0 sets no bounds. At λ = 1 every prefix has the shares of the baseline to within one hit per language. The first hit is
always the most relevant one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-9
"""Tolerance that keeps a product such as 0.1 · 30 from falling below its whole number."""


def fair(languages: Sequence[str], *, shares: Mapping[str, float], strength: float, places: int) -> list[int]:
    """Order candidates by relevance within the bounds.

    A language is never guaranteed more hits than it has candidates. If the bounds of all languages cannot hold together
    because some have no candidates left, minimum shares take precedence over maximum ones.

    Args:
        languages: Language of each candidate, most relevant first.
        shares: Language -> target share, summing to at most 1.
        strength: λ, 0 to 1.
        places: Number of places for which the bounds hold; later candidates are in order of relevance.

    Returns:
        Positions of the candidates in their new order.
    """
    queues: dict[str, list[int]] = {}
    for position, language in enumerate(languages):
        queues.setdefault(language, []).append(position)
    places = min(places, len(languages))
    owed = {
        language: np.minimum(_bound(strength * shares.get(language, 0.0), places), len(queue))
        for language, queue in queues.items()
    }
    others = {language: _bound(strength * (1 - shares.get(language, 0.0)), places) for language in queues}
    # slack[k]: places up to k that are not guaranteed to any language; must not fall below 0 (Geyik et al., feasibility).
    slack = np.arange(places + 1) - sum(owed.values(), start=np.zeros(places + 1, dtype=np.int64))
    # due[language][n]: the place by which it must have n + 1 hits; beyond the last place if there is no such place.
    due = {
        language: np.searchsorted(bound, np.arange(1, len(queues[language]) + 1)).tolist()
        for language, bound in owed.items()
    }
    room = {language: (np.arange(places + 1) - bound).tolist() for language, bound in others.items()}
    taken = dict.fromkeys(queues, 0)
    order: list[int] = []
    for place in range(1, places + 1):
        tight = _first_tight(slack, place)
        heads = [
            (queue[taken[language]], language)
            for language, queue in queues.items()
            if taken[language] < len(queue) and due[language][taken[language]] <= tight
        ]
        below = [head for head in heads if taken[head[1]] < room[head[1]][place]]
        position, language = min(below or heads)
        order.append(position)
        slack[place:] -= 1
        slack[due[language][taken[language]] :] += 1
        taken[language] += 1
    chosen = set(order)
    return order + [position for position in range(len(languages)) if position not in chosen]


def _bound(share: float, places: int) -> NDArray[np.int64]:
    """Compute ⌊share · k⌋ for k from 0 to the number of places."""
    bound: NDArray[np.int64] = np.floor(share * np.arange(places + 1) + ROUNDING).astype(np.int64)
    return bound


def _first_tight(slack: NDArray[np.int64], place: int) -> int:
    """Return the first prefix from this place on that has no free place; beyond the last if there is none."""
    tight = slack[place:] <= 0
    first = int(tight.argmax())
    return place + first if tight[first] else len(slack)
