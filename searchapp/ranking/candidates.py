"""Candidates: scored passages before they become hits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray
from searchapp.stores.payload import Payload

UNREAD = Payload()
"""Stands for a payload that no stage asked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored passage.

    Attributes:
        id: The point's id.
        score: What the ranking sorts by.
        language: BCP 47 primary subtag, or `und`.
        scores: Parts of the score by stage.
        payload: What is stored of the passage; `UNREAD` where no stage asked for it.
        vector: (dimension,) embedding that the dense leg compares with; None where no stage asked for it.
        also_in: Language -> ids of the passages that this one stands for, most relevant first.
    """

    id: str
    score: float
    language: str = UNKNOWN_LANGUAGE
    scores: Mapping[str, float] = field(default_factory=dict)
    payload: Payload = UNREAD
    vector: FloatArray | None = None
    also_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
