"""Record the order in which versions went live, which decides what a rollback activates and what is deleted first.

Names of versions contain their creation time, but a clock may run backwards, and a rollback makes an old version live again.
Each activation is therefore recorded, in the same atomic step that moves the pointer if the engine allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def activated(history: Sequence[str], version: str, *, live: str | None) -> tuple[str, ...]:
    """Record that a version goes live.

    A version that was live before keeps its place: a rollback only moves the pointer, so that the next rollback goes back
    further. A new version comes first, preceded only by the one that it replaces.

    Args:
        history: Versions that were live, latest first.
        version: The version that goes live.
        live: The version that was live until now, or None.

    Returns:
        The new history, latest first.
    """
    if version in history:
        return tuple(history)
    replaced = () if live in (None, version) else (str(live),)
    return (version, *replaced, *(name for name in history if name not in replaced))


def oldest_first(names: Iterable[str], history: Sequence[str]) -> list[str]:
    """Sort versions by when they were live; those that never were come first, by name.

    Args:
        names: The versions to sort.
        history: Versions that were live, latest first.
    """
    places = {name: place for place, name in enumerate(history)}
    return sorted(names, key=lambda name: (name in places, -places.get(name, 0), name))
