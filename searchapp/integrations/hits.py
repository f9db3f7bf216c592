"""Describe a hit as the metadata that other frameworks keep with a text."""

from __future__ import annotations

from typing import Any

from searchapp.datatypes import Hit


def metadata_of(hit: Hit) -> dict[str, Any]:
    """Return everything about a hit except its text and id; the document's own fields are under `payload`.

    Args:
        hit: Hit of a search.
    """
    return {
        "document_id": hit.document_id,
        "title": hit.title,
        "language": hit.language,
        "rank": hit.rank,
        "score": hit.score,
        "start": hit.start,
        "end": hit.end,
        "relevant": hit.relevant,
        "payload": dict(hit.payload),
    }
