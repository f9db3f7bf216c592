"""Hold the parameters of one search and time its steps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from searchapp.datatypes import FloatArray, LanguageSpan, Mode
from searchapp.expansion.plan import Plan
from searchapp.options import Ranking


@dataclass(frozen=True, slots=True)
class Request:
    """A search after the client has checked, normalised and encoded it.

    Attributes:
        query: The query as given.
        text: The query normalised.
        spans: The query's languages, span by span.
        vector: (dimension,) query embedding with its parts joined; None in a lexical search.
        limit: Number of hits on this page.
        offset: Number of hits on the pages before it.
        filters: Conditions by stored field, or None.
        mode: Legs to search.
        ranking: Options for ranking the candidates.
        plan: Texts that are searched together with the query.
        without: Id of a passage that is excluded from the hits of its own search.
        debiased: (dimension,) stored embedding of a passage after the collection's debias transform; None for a query,
            which is transformed during the search.
    """

    query: str
    text: str
    spans: tuple[LanguageSpan, ...]
    vector: FloatArray | None
    limit: int
    offset: int
    filters: dict[str, Any] | None
    mode: Mode
    ranking: Ranking
    plan: Plan = field(default_factory=Plan)
    without: str | None = None
    debiased: FloatArray | None = None

    @property
    def wanted(self) -> int:
        """Number of hits on this page and the pages before it."""
        return self.offset + self.limit


class Clock:
    """Records milliseconds by step.

    Args:
        laps: Milliseconds of steps that were timed before, by name.
    """

    def __init__(self, laps: Mapping[str, float] | None = None) -> None:
        self._laps = dict(laps or {})
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End the step that began when the previous one ended.

        Args:
            stage: Name of the step.
        """
        now = time.perf_counter()
        self._laps[stage] = (now - self._last) * 1000
        self._last = now

    def add(self, laps: Mapping[str, float]) -> None:
        """Add steps that were timed elsewhere and start the next step now.

        Args:
            laps: Name -> milliseconds.
        """
        self._laps.update(laps)
        self._last = time.perf_counter()

    def divided(self, parts: int) -> dict[str, float]:
        """Divide the time of every step evenly among the queries of a batch.

        Args:
            parts: Number of queries.
        """
        return {stage: value / parts for stage, value in self._laps.items()}

    def total(self) -> dict[str, float]:
        """Return all steps and their sum as `total`."""
        return {**self._laps, "total": sum(self._laps.values())}
