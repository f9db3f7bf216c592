"""Which candidates the stages choose from, and what comes below them.

The stages choose from one pool, the same for every page: so page two goes on where page one ended. What is below the pool
comes in blocks, each reaching four times as deep as the one before, in order of relevance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias, runtime_checkable

from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Stage
from searchapp.stores.base import ScoredPoint

Fetch: TypeAlias = Callable[[int], list[Candidate]]
"""Number of candidates -> the best of them by relevance, best first."""

DEEPER = 4
DEEPEST = 10_000
"""Candidates among which further hits are looked for."""


@runtime_checkable
class Sieve(Protocol):
    """A stage that leaves candidates out, and can do so below those that it ranked."""

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Give those ranked in their places, then those of the others that are not left out."""
        ...


def join_languages(
    pool: Sequence[Candidate],
    each: Mapping[str, int],
    *,
    search: Callable[[str, int], Sequence[ScoredPoint]],
    read: Callable[[Sequence[str]], Sequence[Candidate]],
    leg: str,
) -> list[Candidate]:
    """Add each language's best passages to the pool, where they are not in it.

    The fusion ranked them below the pool, so they come after its last score, as far apart as their own scores are.

    Args:
        pool: Best first.
        each: Language -> passages that are looked at; a language of which the pool has as many is not searched.
        search: Gives the ids and scores of a language's best passages by one leg.
        read: Reads passages by id as candidates without a score.
        leg: Its name.
    """
    known = {candidate.id for candidate in pool}
    held = Counter(candidate.language for candidate in pool)
    found = {
        point.id: point.score
        for language, count in each.items()
        if held[language] < count
        for point in search(language, count)
        if point.id not in known
    }
    if not found:
        return list(pool)
    first = max(found.values())
    last = pool[-1].score if pool else first
    scale = _spread([c.score for c in pool]) / (_spread([c.scores[leg] for c in pool if leg in c.scores]) or 1.0)
    joined = [
        replace(
            candidate,
            score=last - (scale or 1.0) * (first - found[candidate.id]),
            scores={leg: found[candidate.id]},
        )
        for candidate in read(list(found))
    ]
    return [*pool, *sorted(joined, key=lambda candidate: (-candidate.score, candidate.id))]


def go_on(
    ranked: Sequence[Candidate],
    pool: Sequence[Candidate],
    *,
    fetch: Fetch,
    stages: Sequence[Stage],
    wanted: int,
    asked: int,
) -> list[Candidate]:
    """Fill up what the stages made of the pool with candidates from below it, until there are enough or no more.

    Args:
        ranked: What the stages gave.
        pool: What they chose from.
        fetch: Gives candidates by relevance.
        stages: Those that leave candidates out do so here, too.
        wanted: Hits of this page and the pages before it.
        asked: Candidates that were fetched for the pool.
    """
    order, seen = list(ranked), {candidate.id for candidate in pool}
    last = order[-1].score if order else float("inf")
    while len(order) < wanted and asked < DEEPEST:
        asked = min(DEEPEST, asked * DEEPER)
        block = fetch(asked)
        # A deeper leg can raise a passage that it did not hold before; its place is below the pool all the same.
        more = [replace(found, score=min(found.score, last)) for found in block if found.id not in seen]
        ranked, order = order, order + more
        for stage in stages:
            if isinstance(stage, Sieve):
                order = stage.extend(order[: len(ranked)], order[len(ranked) :])
        last = order[-1].score if order else last
        seen.update(candidate.id for candidate in block)
        if len(block) < asked:
            break
    return order


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values) if values else 0.0
