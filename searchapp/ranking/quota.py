"""Divide every prefix among the languages by quotas between the relevance order and the baseline shares.

At a prefix of k hits a language's quota is (1 − λ) · its hits among the k most relevant candidates + λ · share · k, rounded
up. Candidates are taken in order of relevance; those of a language whose quota is full are postponed. A ranking that is
already balanced stays as it is for every λ, and any other moves towards the shares by a fraction λ.

λ = 0 gives each language exactly its hits by relevance. At λ = 1 no language has more than its baseline share of any prefix,
rounded up to a whole hit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from searchapp.ranking.fair import ROUNDING


def quota(languages: Sequence[str], *, shares: Mapping[str, float], strength: float, places: int) -> list[int]:
    """Order candidates by relevance within the quotas.

    Relevance decides if all languages that have candidates left have filled their quotas.

    Args:
        languages: Language of each candidate, most relevant first.
        shares: Language -> target share, summing to at most 1.
        strength: λ, 0 to 1.
        places: Number of places to order; later candidates are in order of relevance.

    Returns:
        Positions of the candidates in their new order.
    """
    queues: dict[str, list[int]] = {}
    for position, language in enumerate(languages):
        queues.setdefault(language, []).append(position)
    by_relevance = dict.fromkeys(queues, 0)
    taken = dict.fromkeys(queues, 0)
    order: list[int] = []
    for place in range(1, min(places, len(languages)) + 1):
        by_relevance[languages[place - 1]] += 1
        heads = [
            (queue[taken[language]], language) for language, queue in queues.items() if taken[language] < len(queue)
        ]
        open_ = [
            head
            for head in heads
            if taken[head[1]]
            < ceil((1 - strength) * by_relevance[head[1]] + strength * shares.get(head[1], 0.0) * place - ROUNDING)
        ]
        position, language = min(open_ or heads)
        order.append(position)
        taken[language] += 1
    chosen = set(order)
    return order + [position for position in range(len(languages)) if position not in chosen]
