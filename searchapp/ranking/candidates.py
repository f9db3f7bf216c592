"""Candidates: scored passages before they become hits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored passage; `scores` holds the parts of its score by stage, `vector` only where a stage asked for it.

    Attributes:
        payload: The language at least; everything where a stage asked for it.
        also_in: Language -> ids of the passages that this one stands for, most relevant first.
    """

    id: str
    score: float
    payload: Mapping[str, Any]
    scores: Mapping[str, float] = field(default_factory=dict)
    vector: FloatArray | None = None
    also_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """BCP 47 primary subtag, or `und`."""
        return str(self.payload.get("language", UNKNOWN_LANGUAGE))
