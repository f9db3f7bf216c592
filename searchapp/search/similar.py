"""Find passages similar to a stored one, and its translations in other languages."""

from __future__ import annotations

from typing import Any

from searchapp.datatypes import Hit
from searchapp.errors import InputError
from searchapp.ranking.collapse import ALIKE
from searchapp.search.live import Serving
from searchapp.stores.base import ScoredPoint
from searchapp.stores.payload import Payload


def passage_of(serving: Serving, id: str) -> ScoredPoint:  # noqa: A002
    """Fetch a passage with its vectors.

    Args:
        serving: The open collection.
        id: Id of the passage, as in `Hit.id`.

    Raises:
        InputError: The collection has no such passage.
    """
    found = serving.store.retrieve([id], with_vectors=True) if _is_id(id) else []
    if not found:
        shown = repr(id) if isinstance(id, str) else f"of type {type(id).__name__}"  # repr of a huge number fails
        raise InputError(f"the collection has no passage {shown}; use the id of a hit")
    return found[0]


def translations_of(serving: Serving, id: str, *, limit: int) -> tuple[Hit, ...]:  # noqa: A002
    """Find the same passage in other languages, at most one per language, nearest first.

    Args:
        serving: The open collection.
        id: Id of the passage, as in `Hit.id`.
        limit: Maximum number of hits.

    Raises:
        InputError: The collection has no such passage.
    """
    point = passage_of(serving, id)
    own = Payload.read(point.payload)
    by = serving.manifest.configuration.translations_by
    value = own.metadata.get(by) if by else None
    languages = [language for language in serving.manifest.languages if language != own.language]
    found = []
    for language in languages:
        filters: dict[str, Any] = {"language": [language]}
        if value is not None:
            filters |= {f"metadata.{by}": value, "index": own.index}
        best = serving.store.query_dense(_vector(point), limit=1, filters=filters)
        if best and (value is not None or _mutual(serving, point.id, own.language, best[0])):
            found.append(best[0])
    found.sort(key=lambda other: (-other.score, other.id))
    return tuple(
        Payload.read(other.payload).hit(other.id, rank=rank, score=other.score, scores={"dense": other.score})
        for rank, other in enumerate(found[:limit], start=1)
    )


def _mutual(serving: Serving, id: str, language: str, other: ScoredPoint) -> bool:  # noqa: A002
    """Return whether two passages are similar enough and the first is the second's nearest in its language."""
    if other.score < ALIKE:
        return False
    (stored,) = serving.store.retrieve([other.id], with_vectors=True)
    back = serving.store.query_dense(_vector(stored), limit=1, filters={"language": [language]}, with_payload=False)
    return bool(back) and back[0].id == id


def _vector(point: ScoredPoint) -> Any:
    if point.dense is None:
        raise InputError(f"passage {point.id!r} has no vector to compare")
    return point.dense


def _is_id(id: str) -> bool:  # noqa: A002
    from uuid import UUID

    try:
        UUID(id)
    except (ValueError, AttributeError, TypeError):
        return False
    return True
