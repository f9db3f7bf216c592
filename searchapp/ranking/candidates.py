"""Represent scored passages before they become hits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray
from searchapp.stores.payload import Payload

UNREAD = Payload()
"""Placeholder for a payload that no stage requested."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored passage.

    Attributes:
        id: The point's id.
        score: Sort key of the ranking.
        language: BCP 47 primary subtag, or `und`.
        scores: Parts of the score by stage.
        payload: Stored fields of the passage; `UNREAD` if no stage requested them.
        vector: (dimension,) embedding that the dense leg compares with; None if no stage requested it.
        also_in: Language -> ids of the passages that this one stands for, most relevant first.
    """

    id: str
    score: float
    language: str = UNKNOWN_LANGUAGE
    scores: Mapping[str, float] = field(default_factory=dict)
    payload: Payload = UNREAD
    vector: FloatArray | None = None
    also_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
