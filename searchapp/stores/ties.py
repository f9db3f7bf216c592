"""Sort equal scores in a fixed order, so that a query gives the same result on every engine and build."""

from __future__ import annotations

from collections.abc import Callable

from searchapp.stores.base import ScoredPoint

REACH = 1024
"""Maximum number of equal scores examined beyond the limit; the engine's order decides in a larger group."""


def best_first(fetch: Callable[[int], list[ScoredPoint]], *, limit: int) -> list[ScoredPoint]:
    """Fetch the best `limit` points with ties sorted by id, even if the limit falls among equal scores.

    Engines cut a group of equal scores in any order. One extra point shows whether the limit falls inside such a group;
    only then are more points fetched.

    Args:
        fetch: Returns the best n points, best first.
        limit: Number of points wanted.
    """
    asked = limit + 1
    while True:
        points = fetch(asked)
        cut = len(points) == asked and points[-1].score == points[limit - 1].score
        if not cut or asked > limit + REACH:
            break
        asked = limit + 4 * (asked - limit)
    points.sort(key=lambda point: (-point.score, point.id))
    return points[:limit]
