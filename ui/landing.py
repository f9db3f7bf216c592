"""What the page shows before anything is asked: the collection's languages, an example answered, and a map of the demo."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from searchapp.client import SearchClient
from searchapp.datatypes import SearchResult
from searchapp.evaluation.results import Results
from ui.findings import Finding, Versions, find
from ui.lab import DEMO, evaluate, tasks
from ui.state import DEFAULTS, Settings

EXAMPLE = "coral bleaching"
"""Asked of the demo, whose passage on it stands far apart in its languages with each encoder tried."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example that is answered.

    Attributes:
        query: What was asked.
        result: Its first hits.
        finding: What it tells about the languages.
    """

    query: str
    result: SearchResult
    finding: Finding


class Landing:
    """Answers the example and measures the demo, once for each version; thread-safe.

    Args:
        known: Remembers which translations exist.
    """

    def __init__(self, known: Versions) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._examples: dict[str, Example] = {}
        self._maps: dict[str, Results] = {}

    def example(self, client: SearchClient) -> Example | None:
        """Answer the example; None for a collection that is not the demo.

        Args:
            client: The collection's client.
        """
        if not is_demo(client):
            return None
        version = client.manifest().version
        with self._lock:
            if version not in self._examples:
                settings = Settings(query=EXAMPLE, limit=5)
                result = client.search(EXAMPLE, limit=3)
                self._examples = {version: Example(EXAMPLE, result, find(client, settings, known=self._known))}
            return self._examples[version]

    def measured(self, client: SearchClient) -> Results | None:
        """Ask the demo's queries; None for a collection that is not the demo.

        Args:
            client: The collection's client.
        """
        if not is_demo(client):
            return None
        version = client.manifest().version
        with self._lock:
            if version not in self._maps:
                found = evaluate(client, DEFAULTS, task=DEMO, folders=tasks(()), tell=lambda step: None)
                self._maps = {version: found}
            return self._maps[version]


def is_demo(client: SearchClient) -> bool:
    """Whether a collection is the demo, whose queries come with this software.

    Args:
        client: The collection's client.
    """
    return client.collection == DEMO and client.manifest().configuration.translations_by == "topic"
