"""Files of a server's versions: a small collection without vectors, a file in pieces of a few points."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING

from qdrant_client import models

from searchapp.errors import StoreError
from searchapp.stores.server_errors import mapped

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

ATTACHMENTS = "searchapp__attachments"
PIECE = 1 << 20
"""Bytes per point; servers refuse requests of more than 32 MiB by default."""
_NAMESPACE = uuid.UUID("8f5c2a2e-4b0f-5a53-9d0c-3a1f0f7c51d2")


class Attachments:
    """The files of one server.

    Args:
        client: The connection.
        place: Names the server in messages.
    """

    def __init__(self, client: QdrantClient, *, place: str) -> None:
        self._client = client
        self._place = f"{place}/{ATTACHMENTS}"

    def put(self, owner: str, name: str, data: bytes) -> None:
        """Write a file, piece by piece; a piece says how many there are, so that a part is never taken for the whole."""
        self._ensure()
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)] or [b""]
        for number, piece in enumerate(pieces):
            point = models.PointStruct(
                id=_id(owner, name, number),
                vector={},
                payload={
                    "owner": owner,
                    "pieces": len(pieces),
                    "data": base64.b64encode(piece).decode("ascii"),
                },
            )
            mapped(self._place, lambda point=point: self._client.upsert(ATTACHMENTS, [point], wait=True))  # type: ignore[misc]

    def get(self, owner: str, name: str) -> bytes:
        """Read a file; raises StoreError when it is not there or not whole."""
        first = self._piece(owner, name, 0)
        if first is None:
            raise StoreError(f"{self._place}: no {name} of {owner}; roll back or rebuild the index")
        found = [first, *(self._piece(owner, name, number) for number in range(1, int(first["pieces"])))]
        if any(piece is None or piece["pieces"] != first["pieces"] for piece in found):
            raise StoreError(f"{self._place}: {name} of {owner} is not whole; roll back or rebuild the index")
        return b"".join(base64.b64decode(str(piece["data"])) for piece in found if piece is not None)

    def drop(self, owner: str) -> None:
        """Remove all files of a version."""
        if self._exists():
            match = models.FieldCondition(key="owner", match=models.MatchValue(value=owner))
            gone = models.FilterSelector(filter=models.Filter(must=[match]))
            mapped(self._place, lambda: self._client.delete(ATTACHMENTS, gone, wait=True))

    def _piece(self, owner: str, name: str, number: int) -> models.Payload | None:
        if not self._exists():
            return None
        found = mapped(self._place, lambda: self._client.retrieve(ATTACHMENTS, [_id(owner, name, number)]))
        return found[0].payload if found else None

    def _exists(self) -> bool:
        return mapped(self._place, lambda: self._client.collection_exists(ATTACHMENTS))

    def _ensure(self) -> None:
        if self._exists():
            return
        try:
            mapped(self._place, lambda: self._client.create_collection(ATTACHMENTS, vectors_config={}))
        except StoreError:  # another process may have been faster
            if not self._exists():
                raise


def _id(owner: str, name: str, number: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{owner}/{name}/{number}"))
