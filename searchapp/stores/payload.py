"""How a passage is laid out in a point's payload, and how a stored point becomes a hit again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from searchapp.datatypes import Filters, Hit, Passage
from searchapp.errors import InputError
from searchapp.text.languages import parse_language

FIELDS = ("document_id", "index", "text", "title", "start", "end", "language", "confidence", "script", "hash")
"""The payload's own fields; a source's metadata lives under `metadata`, so that no name can collide."""


def to_payload(passage: Passage) -> dict[str, Any]:
    """Lay out what a hit shows or a filter reads; the context is not stored, the metadata is shared and not copied.

    Args:
        passage: The passage.
    """
    return {
        "document_id": passage.document_id,
        "index": passage.index,
        "text": passage.text,
        "title": passage.title,
        "start": passage.start,
        "end": passage.end,
        "language": passage.language,
        "confidence": round(passage.confidence, 4),
        "script": passage.script,
        "hash": passage.content_hash,
        "metadata": passage.metadata if isinstance(passage.metadata, dict) else dict(passage.metadata),
    }


def to_hit(
    id: str,  # noqa: A002
    payload: Mapping[str, Any],
    *,
    rank: int,
    score: float,
    scores: Mapping[str, float],
    also_in: Mapping[str, tuple[str, ...]] | None = None,
) -> Hit:
    """Read a hit back from a stored payload."""
    return Hit(
        id=id,
        document_id=str(payload.get("document_id", "")),
        rank=rank,
        score=score,
        text=str(payload.get("text", "")),
        title=str(payload.get("title", "")),
        language=str(payload.get("language", "und")),
        start=int(payload.get("start", 0)),
        end=int(payload.get("end", 0)),
        scores=dict(scores),
        payload=dict(payload.get("metadata") or {}),
        also_in=dict(also_in or {}),
    )


def to_store_filters(filters: Filters | None, languages: Sequence[str] | None) -> dict[str, Any] | None:
    """Name payload fields as they are stored: `topic` becomes `metadata.topic`; `languages` joins the filters.

    Raises:
        InputError: `filters` is no mapping, `languages` no list of codes, or both speak of the language.
    """
    if filters is not None and not isinstance(filters, Mapping):
        raise InputError(f"filters must map fields to values, got {type(filters).__name__}")
    named = {
        key if key in FIELDS or key.startswith("metadata.") else f"metadata.{key}": value
        for key, value in (filters or {}).items()
    }
    if languages is not None:
        if "language" in named:
            raise InputError("both languages and filters['language'] are given; use one of them")
        named["language"] = _codes(languages)
    elif isinstance(asked := named.get("language"), str):
        named["language"] = parse_language(asked)
    elif isinstance(asked, (list, tuple)):
        named["language"] = _codes(asked)
    return named or None


def _codes(languages: Sequence[str]) -> list[str]:
    if isinstance(languages, str) or not all(isinstance(code, str) for code in languages):
        raise InputError(f"languages must be a list of codes such as ['de', 'fr'], got {languages!r}")
    if not languages:
        raise InputError("languages is empty: name at least one, or leave it out for all of them")
    return list(dict.fromkeys(parse_language(code) for code in languages))
