"""Where the manifests of a server's versions are kept: a small collection without vectors.

Collections carry metadata of their own only on recent servers; points are held by every server and by the in-memory mode.
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from qdrant_client import models

from searchapp.errors import StoreError
from searchapp.stores.manifest import Manifest
from searchapp.stores.server_errors import mapped

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

logger = logging.getLogger(__name__)

MANIFESTS = "searchapp__manifests"
_NAMESPACE = uuid.UUID("0b6b0f0e-5d38-5c1f-9f0a-5a4e4f1f7a60")


class Manifests:
    """The manifests of one server.

    Args:
        client: The connection.
        place: Names the server in messages.
    """

    def __init__(self, client: QdrantClient, *, place: str) -> None:
        self._client = client
        self._place = f"{place}/{MANIFESTS}"

    def of(self, collection: str) -> list[Manifest]:
        """Read those of a collection; a damaged one is logged and does not hide the others."""
        if not self._exists():
            return []
        match = models.FieldCondition(key="collection", match=models.MatchValue(value=collection))
        wanted = models.Filter(must=[match])
        found: list[Manifest] = []
        offset = None
        while True:
            page, offset = mapped(
                self._place,
                lambda offset=offset: self._client.scroll(MANIFESTS, wanted, limit=256, offset=offset),  # type: ignore[misc]
            )
            found += [manifest for record in page if (manifest := self._read(record)) is not None]
            if offset is None:
                return found

    def put(self, collection: str, version: str, manifest: Manifest) -> None:
        """Write one, replacing the one before."""
        self._ensure()
        point = models.PointStruct(
            id=_id(collection, version),
            vector={},
            payload={"collection": collection, "version": version, "manifest": manifest.to_json()},
        )
        mapped(self._place, lambda: self._client.upsert(MANIFESTS, [point], wait=True))

    def drop(self, collection: str, version: str) -> None:
        """Remove one if it is there."""
        if self._exists():
            gone = models.PointIdsList(points=[_id(collection, version)])
            mapped(self._place, lambda: self._client.delete(MANIFESTS, gone, wait=True))

    def _exists(self) -> bool:
        return mapped(self._place, lambda: self._client.collection_exists(MANIFESTS))

    def _ensure(self) -> None:
        if self._exists():
            return
        try:
            mapped(self._place, lambda: self._client.create_collection(MANIFESTS, vectors_config={}))
        except StoreError:  # another process may have been faster
            if not self._exists():
                raise

    def _read(self, record: models.Record) -> Manifest | None:
        payload = record.payload or {}
        try:
            return Manifest.from_json(str(payload["manifest"]), origin=f"{self._place}/{record.id}")
        except (StoreError, KeyError) as error:  # a rollback to another version is the way out
            logger.warning("manifest %s in %s cannot be read: %s", record.id, self._place, error)
            return None


def _id(collection: str, version: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{collection}__{version}"))
