"""What writes for a query: a passage that could answer it, or its translation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class QueryWriter(Protocol):
    """Writes text for a query; thread-safe. Any exception makes the search go on with the plain query."""

    def passage(self, query: str, languages: Sequence[str]) -> str:
        """Write a short passage that could answer the query, in the query's languages (BCP 47 codes)."""
        ...

    def translate(self, text: str, source: str, target: str) -> str:
        """Translate a text between two languages (BCP 47 codes; the source may be `und`)."""
        ...
