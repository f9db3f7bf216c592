"""Cache the texts of a query writer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from searchapp.expansion.base import QueryWriter

REMEMBERED = 1_000


class CachedWriter:
    """Keeps the latest texts of another writer; failures are not cached. Thread-safe.

    Args:
        writer: The wrapped writer.
        size: Maximum number of cached texts.
    """

    def __init__(self, writer: QueryWriter, *, size: int = REMEMBERED) -> None:
        self._writer = writer
        self._size = size
        self._answers: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._lock = Lock()

    def passage(self, query: str, languages: Sequence[str]) -> str:
        """Return the writer's passage, from the cache if possible.

        Args:
            query: The user's query.
            languages: Languages of the query, as BCP 47 primary subtags.
        """
        return self._remembered(("", query, *languages), lambda: self._writer.passage(query, languages))

    def translate(self, text: str, source: str, target: str) -> str:
        """Return the writer's translation, from the cache if possible.

        Args:
            text: Text in the source language.
            source: BCP 47 primary subtag, or `und`.
            target: BCP 47 primary subtag.
        """
        key = ("translate", text, source, target)
        return self._remembered(key, lambda: self._writer.translate(text, source, target))

    def _remembered(self, key: tuple[str, ...], write: Callable[[], str]) -> str:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = write()  # two threads may ask the same at once; neither waits for the other
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return answer
