"""Define the protocol of models that write texts for a query: a passage that could answer it, or a translation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class QueryWriter(Protocol):
    """Writes texts for a query. Thread-safe. If it raises any exception, the search continues with the plain query."""

    def passage(self, query: str, languages: Sequence[str]) -> str:
        """Write a short passage that could answer the query, in the query's languages (BCP 47 codes)."""
        ...

    def translate(self, text: str, source: str, target: str) -> str:
        """Translate a text between two languages (BCP 47 codes; the source may be `und`)."""
        ...
