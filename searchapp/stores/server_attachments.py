"""Store the files of a server's versions, split over points."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING

from searchapp.errors import StoreError
from searchapp.stores.server_records import Records

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

ATTACHMENTS = "searchapp__attachments"
PIECE = 1 << 20
"""Bytes per point. Servers reject requests of more than 32 MiB by default."""
_NAMESPACE = uuid.UUID("8f5c2a2e-4b0f-5a53-9d0c-3a1f0f7c51d2")


class Attachments:
    """The files of one server.

    Args:
        client: The connection.
        place: Name of the server in messages.
    """

    def __init__(self, client: QdrantClient, *, place: str) -> None:
        self._records = Records(client, ATTACHMENTS, field="owner", place=place)

    def put(self, owner: str, name: str, data: bytes) -> None:
        """Write a file in pieces. Each records how many there are, so that an incomplete file is never used.

        Args:
            owner: Name of the version's physical collection.
            name: Name of the file.
            data: Content of the file.
        """
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)] or [b""]
        for number, piece in enumerate(pieces):
            payload = {"owner": owner, "pieces": len(pieces), "data": base64.b64encode(piece).decode("ascii")}
            self._records.put(_id(owner, name, number), payload)

    def get(self, owner: str, name: str) -> bytes:
        """Read a file.

        Args:
            owner: Name of the version's physical collection.
            name: Name of the file.

        Raises:
            StoreError: The file is missing or incomplete.
        """
        first = self._records.get(_id(owner, name, 0))
        if first is None:
            raise StoreError(f"{self._records.place}: no {name} of {owner}; roll back or rebuild the index")
        found = [first, *(self._records.get(_id(owner, name, number)) for number in range(1, int(first["pieces"])))]
        if any(piece is None or piece["pieces"] != first["pieces"] for piece in found):
            raise StoreError(f"{self._records.place}: {name} of {owner} is not whole; roll back or rebuild the index")
        return b"".join(base64.b64decode(str(piece["data"])) for piece in found if piece is not None)

    def drop(self, owner: str) -> None:
        """Remove all files of a version.

        Args:
            owner: Name of the version's physical collection.
        """
        self._records.drop_of(owner)


def _id(owner: str, name: str, number: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{owner}/{name}/{number}"))
