"""Cache the languages of passages, which do not change within a version and which every fusion needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from searchapp.datatypes import UNKNOWN_LANGUAGE

REMEMBERED = 200_000
"""Maximum number of cached passages, about 150 bytes each."""


class LanguageMemory:
    """A cache of languages that fetches what it lacks. Thread-safe.

    Args:
        fetch: Returns the `language` field of those of the given ids that exist.
    """

    def __init__(self, fetch: Callable[[Sequence[str]], Mapping[str, str]]) -> None:
        self._fetch = fetch
        self._known: dict[str, str] = {}

    def of(self, ids: Sequence[str]) -> dict[str, str]:
        """Look up the language of each id; `und` if the point has none or does not exist.

        Args:
            ids: Ids of the points.
        """
        known = self._known
        unknown = [id_ for id_ in ids if id_ not in known]
        if unknown:
            if len(known) + len(unknown) > REMEMBERED:
                self._known = known = {id_: known[id_] for id_ in ids if id_ in known}
            known.update(self._fetch(unknown))
        return {id_: known.get(id_, UNKNOWN_LANGUAGE) for id_ in ids}

    def learn(self, languages: Mapping[str, str]) -> None:
        """Add languages that were read together with something else.

        Args:
            languages: Language by id.
        """
        if len(self._known) + len(languages) > REMEMBERED:
            self._known = {}
        self._known.update(languages)

    def forget(self) -> None:
        """Clear the cache, because points were written."""
        self._known = {}
