"""The languages of passages, read once: the points of a version do not change, and every fusion asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from searchapp.datatypes import UNKNOWN_LANGUAGE

REMEMBERED = 200_000
"""Passages whose language is kept in memory, about 150 bytes each."""


class LanguageMemory:
    """Answers from memory and fetches what it does not know; thread-safe.

    Args:
        fetch: Ids -> the `language` field of those that exist.
    """

    def __init__(self, fetch: Callable[[Sequence[str]], Mapping[str, str]]) -> None:
        self._fetch = fetch
        self._known: dict[str, str] = {}

    def of(self, ids: Sequence[str]) -> dict[str, str]:
        """Language by id, `und` where the point has none or does not exist."""
        known = self._known
        unknown = [id_ for id_ in ids if id_ not in known]
        if unknown:
            if len(known) + len(unknown) > REMEMBERED:
                self._known = known = {id_: known[id_] for id_ in ids if id_ in known}
            known.update(self._fetch(unknown))
        return {id_: known.get(id_, UNKNOWN_LANGUAGE) for id_ in ids}

    def learn(self, languages: Mapping[str, str]) -> None:
        """Remember languages that were read together with something else.

        Args:
            languages: Language by id.
        """
        if len(self._known) + len(languages) > REMEMBERED:
            self._known = {}
        self._known.update(languages)

    def forget(self) -> None:
        """Read everything anew: points were written."""
        self._known = {}
