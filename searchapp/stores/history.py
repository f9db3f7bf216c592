"""The order in which versions went live: what a rollback goes back to, and what is deleted first.

Names of versions hold the time of their making, but a clock may run backwards, and a version that a rollback made live
again is newer than its name. So each activation is written down, in the same atomic step that moves the pointer where
the engine allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def activated(history: Sequence[str], version: str, *, live: str | None) -> tuple[str, ...]:
    """Write down that a version goes live.

    A version that was live before keeps its place: a rollback moves the pointer and forgets nothing, so that the next one
    goes back further. A new version comes first, and before all others the one that it replaces.

    Args:
        history: Versions that were live, latest first.
        version: The version that goes live.
        live: The version that was live until now; None where there was none.

    Returns:
        The new history, latest first.
    """
    if version in history:
        return tuple(history)
    replaced = () if live in (None, version) else (str(live),)
    return (version, *replaced, *(name for name in history if name not in replaced))


def oldest_first(names: Iterable[str], history: Sequence[str]) -> list[str]:
    """Order versions by when they were live; those that never were come first, by their names.

    Args:
        names: The versions to order.
        history: Versions that were live, latest first.
    """
    places = {name: place for place, name in enumerate(history)}
    return sorted(names, key=lambda name: (name in places, -places.get(name, 0), name))
