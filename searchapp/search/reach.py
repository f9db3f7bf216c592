"""Collect the candidates that the stages rank, and continue below them when a page needs more.

All pages share one pool of candidates, so that page two continues where page one ended. Candidates below the pool are added
in blocks by relevance, each reaching four times as deep as the previous one.
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
"""Returns the given number of best candidates by relevance, best first."""

DEEPER = 4
DEEPEST = 10_000
"""Maximum number of candidates searched for further hits."""


@runtime_checkable
class Sieve(Protocol):
    """A stage that removes candidates and can also do so below those that it ranked."""

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Keep the ranked candidates in their places and append those of the others that are not removed.

        Args:
            ranked: Candidates that are ranked already, best first.
            more: Further candidates by relevance, best first.
        """
        ...


def join_languages(
    pool: Sequence[Candidate],
    each: Mapping[str, int],
    *,
    search: Callable[[str, int], Sequence[ScoredPoint]],
    read: Callable[[Sequence[str]], Sequence[Candidate]],
    leg: str,
) -> list[Candidate]:
    """Add each language's best passages to the pool if they are missing.

    The fusion ranked them below the pool, so their scores continue after the pool's last one, with their own distances.

    Args:
        pool: Candidates, best first.
        each: Language -> number of passages needed; a language that already has as many in the pool is not searched.
        search: Returns the ids and scores of a language's best passages by one leg.
        read: Reads passages by id as candidates without a score.
        leg: Name of that leg.
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
    """Fill up the ranked candidates from below the pool until there are enough or none are left.

    Args:
        ranked: Candidates as the stages ranked them.
        pool: Candidates that the stages started from.
        fetch: Retrieves candidates by relevance.
        stages: Stages of the ranking. Those that remove candidates also apply below the pool.
        wanted: Hits on this page and the pages before it.
        asked: Candidates retrieved for the pool.
    """
    order, seen = list(ranked), {candidate.id for candidate in pool}
    last = order[-1].score if order else float("inf")
    while len(order) < wanted and asked < DEEPEST:
        asked = min(DEEPEST, asked * DEEPER)
        block = fetch(asked)
        # A deeper leg can raise a passage that it lacked before, but the passage's place stays below the pool.
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
