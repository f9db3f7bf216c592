"""Define the protocol of models that write texts for a query: a passage that could answer it, or a translation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class QueryWriter(Protocol):
    """Writes texts for a query. Thread-safe. If it raises any exception, the search continues with the plain query."""

    def passage(self, query: str, languages: Sequence[str]) -> str:
        """Write a short passage that could answer a query.

        Args:
            query: The user's query, without operators.
            languages: Languages of the query, as BCP 47 primary subtags; the passage is in these.
        """
        ...

    def translate(self, text: str, source: str, target: str) -> str:
        """Translate a text from one language to another.

        Args:
            text: Text in the source language; it may be the query followed by a passage.
            source: BCP 47 primary subtag, or `und`.
            target: BCP 47 primary subtag.
        """
        ...
