"""Sort equal scores in a fixed order, so that a query gives the same result on every engine and build."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from searchapp.stores.base import ScoredPoint

REACH = 1024
"""Maximum number of equal scores examined beyond the limit; the engine's order decides in a larger group."""


def best_first(
    fetch: Callable[[int], list[ScoredPoint]],
    *,
    limit: int,
    read: Callable[[Sequence[str]], list[ScoredPoint]] | None = None,
) -> list[ScoredPoint]:
    """Fetch the best `limit` points with ties sorted by id, even if the limit falls among equal scores.

    Engines cut a group of equal scores in any order. One extra point shows whether the limit falls inside such a group;
    only then are more points fetched.

    Args:
        fetch: Returns the best n points, best first. For more than `limit + 1` it may omit payloads and vectors: those of
            a thousand equal scores can fill the memory.
        limit: Number of points wanted.
        read: Reads points by id with what `fetch` left out; None when it left out nothing.
    """
    asked = limit + 1
    while True:
        points = fetch(asked)
        cut = len(points) == asked and points[-1].score == points[limit - 1].score
        if not cut or asked > limit + REACH:
            break
        asked = limit + 4 * (asked - limit)
    points.sort(key=lambda point: (-point.score, point.id))
    best = points[:limit]
    if read is None or asked == limit + 1:
        return best
    whole = {point.id: point for point in read([point.id for point in best])}
    return [replace(whole[point.id], score=point.score) for point in best if point.id in whole]
