"""A fixed order for equal scores, so that the same question has the same answer on every engine and every build."""

from __future__ import annotations

from collections.abc import Callable

from searchapp.stores.base import ScoredPoint

REACH = 1024
"""Equal scores that are looked through beyond the limit; a larger group is cut where the engine cut it."""


def best_first(fetch: Callable[[int], list[ScoredPoint]], *, limit: int) -> list[ScoredPoint]:
    """Fetch the best `limit` points, equal scores by id, also where the limit falls among equal scores.

    Engines cut a group of equal scores wherever they met it. One point more than asked for shows whether the limit
    falls inside such a group; only then is more fetched.

    Args:
        fetch: Gives the best n points, best first.
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
