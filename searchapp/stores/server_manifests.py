"""Store the manifests of a server's versions.

They are stored as points, which every server and the in-memory mode support. Only recent servers have collection metadata.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qdrant_client import models

from searchapp.errors import StoreError
from searchapp.stores.manifest import Manifest
from searchapp.stores.server_records import Records

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

logger = logging.getLogger(__name__)

MANIFESTS = "searchapp__manifests"
HISTORY = "__history"
"""Placeholder for a version in the id of a collection's history record; no version has this name."""
_NAMESPACE = uuid.UUID("0b6b0f0e-5d38-5c1f-9f0a-5a4e4f1f7a60")


class Manifests:
    """The manifests of one server.

    Args:
        client: The connection.
        place: Name of the server in messages.
    """

    def __init__(self, client: QdrantClient, *, place: str) -> None:
        self._records = Records(client, MANIFESTS, field="collection", place=place)

    def of(self, collection: str) -> list[Manifest]:
        """Read the manifests of a collection; a damaged one is logged and does not hide the others.

        Args:
            collection: Name of the collection.
        """
        return [manifest for record in self._records.of(collection) if (manifest := self._read(record)) is not None]

    def put(self, collection: str, version: str, manifest: Manifest) -> None:
        """Write a manifest, replacing the previous one.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            manifest: What the version was built with.
        """
        payload = {"collection": collection, "version": version, "manifest": manifest.to_json()}
        self._records.put(_id(collection, version), payload)

    def drop(self, collection: str, version: str) -> None:
        """Delete a manifest if it exists.

        Args:
            collection: Name of the collection.
            version: Name of the version.
        """
        self._records.drop(_id(collection, version))

    def versions(self, collection: str) -> set[str]:
        """List the versions that have a manifest, including a damaged one.

        Args:
            collection: Name of the collection.
        """
        return {str((record.payload or {}).get("version")) for record in self._records.of(collection)}

    def history(self, collection: str) -> tuple[str, ...]:
        """Read the names of the versions that were live, latest first.

        Args:
            collection: Name of the collection.
        """
        order = (self._records.get(_id(collection, HISTORY)) or {}).get("history")
        return tuple(map(str, order)) if isinstance(order, list) else ()

    def put_history(self, collection: str, history: Sequence[str]) -> None:
        """Write the names of the versions that were live.

        Args:
            collection: Name of the collection.
            history: Names of the versions, latest first.
        """
        self._records.put(_id(collection, HISTORY), {"version": "", "history": list(history)})

    def drop_history(self, collection: str) -> None:
        """Delete the history of a collection.

        Args:
            collection: Name of the collection.
        """
        self._records.drop(_id(collection, HISTORY))

    def _read(self, record: models.Record) -> Manifest | None:
        payload = record.payload or {}
        try:
            return Manifest.from_json(str(payload["manifest"]), origin=f"{self._records.place}/{record.id}")
        except (StoreError, KeyError) as error:  # a rollback to another version repairs it
            logger.warning("manifest %s in %s cannot be read: %s", record.id, self._records.place, error)
            return None


def _id(collection: str, version: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{collection}__{version}"))
