"""Compute the content of the landing view: an example with its result, and a map of the demo."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from searchapp.client import SearchClient
from searchapp.datatypes import SearchResult
from searchapp.evaluation.results import Results
from ui.findings import Finding, Versions, find
from ui.lab import DEMO, evaluate, tasks
from ui.state import DEFAULTS, Settings

Made = TypeVar("Made")

EXAMPLE = "coral bleaching"
"""Query for the demo, whose passages on it are far apart in every encoder's ranking."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example with its result.

    Attributes:
        query: Text of the query.
        result: First hits of the query.
        finding: What it shows about the languages.
    """

    query: str
    result: SearchResult
    finding: Finding


class Landing:
    """Searches for the example and measures the demo, once per version. Thread-safe.

    Args:
        known: Cache of existing translations.
    """

    def __init__(self, known: Versions) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._examples: dict[str, Example] = {}
        self._maps: dict[str, Results] = {}

    def example(self, client: SearchClient) -> Example | None:
        """Search for the example; None for a collection other than the demo.

        Args:
            client: Client of the collection.
        """

        def made() -> Example:
            settings = Settings(query=EXAMPLE, limit=5)
            return Example(EXAMPLE, client.search(EXAMPLE, limit=3), find(client, settings, known=self._known))

        return self._once(client, self._examples, made)

    def measured(self, client: SearchClient) -> Results | None:
        """Evaluate the demo's queries; None for a collection other than the demo.

        Args:
            client: Client of the collection.
        """

        def made() -> Results:
            return evaluate(client, DEFAULTS, task=DEMO, folders=tasks(()), tell=lambda step: None)

        return self._once(client, self._maps, made)

    def _once(self, client: SearchClient, kept: dict[str, Made], make: Callable[[], Made]) -> Made | None:
        """Return what was made for the live version of the demo, or make it; None for another collection."""
        if not is_demo(client):
            return None
        version = client.manifest().version
        with self._lock:
            if version not in kept:
                found = make()
                kept.clear()
                kept[version] = found
            return kept[version]


def is_demo(client: SearchClient) -> bool:
    """Return whether a collection is the demo, whose queries are part of this software.

    Args:
        client: Client of the collection.
    """
    return client.collection == DEMO and client.manifest().configuration.translations_by == "topic"
