"""What one search asks for, and how long its stages take."""

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
        filters: Conditions by stored field; None for none.
        mode: Which legs are searched.
        ranking: What happens to the candidates.
        plan: What is searched beside the query.
        without: Id of a passage that is no hit of its own search.
        debiased: (dimension,) stored embedding of a passage after the collection's debias transform; None for a query,
            which goes through the transform itself.
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
    """Records milliseconds by stage.

    Args:
        laps: Stages that were timed before; name -> milliseconds.
    """

    def __init__(self, laps: Mapping[str, float] | None = None) -> None:
        self._laps = dict(laps or {})
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End the stage that began where the last one ended.

        Args:
            stage: Name of the stage.
        """
        now = time.perf_counter()
        self._laps[stage] = (now - self._last) * 1000
        self._last = now

    def add(self, laps: Mapping[str, float]) -> None:
        """Add stages that were timed elsewhere, and begin the next stage now.

        Args:
            laps: Name -> milliseconds.
        """
        self._laps.update(laps)
        self._last = time.perf_counter()

    def divided(self, parts: int) -> dict[str, float]:
        """Divide every stage evenly among the queries of a batch.

        Args:
            parts: Number of queries.
        """
        return {stage: value / parts for stage, value in self._laps.items()}

    def total(self) -> dict[str, float]:
        """Return all stages and, as `total`, their sum."""
        return {**self._laps, "total": sum(self._laps.values())}
