"""Keep the product's own small collections on a server: points without vectors, found by one indexed field."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qdrant_client import models

from searchapp.errors import StoreError
from searchapp.stores.base import Replication
from searchapp.stores.server_cluster import placement, raise_replicas
from searchapp.stores.server_errors import AlreadyThereError, mapped

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

logger = logging.getLogger(__name__)

PAGE = 256
"""Records per request."""


class Records:
    """A collection of records, which is created, indexed and replicated before the first write of a process.

    Servers in strict mode, such as Qdrant Cloud, filter and delete by indexed fields only.

    Args:
        client: The connection.
        name: Name of the collection.
        field: The payload field that records are found by.
        place: Name of the server in messages.
    """

    def __init__(self, client: QdrantClient, name: str, *, field: str, place: str) -> None:
        self._client = client
        self._name = name
        self._field = field
        self.place = f"{place}/{name}"
        self._ready = False

    def put(self, record_id: str, payload: models.Payload) -> None:
        """Write a record, replacing the one with the same id.

        Args:
            record_id: Id of the record, a uuid.
            payload: Content of the record, with the field that records are found by.
        """
        self._prepare()
        point = models.PointStruct(id=record_id, vector={}, payload=payload)
        mapped(self.place, lambda: self._client.upsert(self._name, [point], wait=True))

    def get(self, record_id: str) -> models.Payload | None:
        """Read the payload of a record; None if there is none.

        Args:
            record_id: Id of the record, a uuid.
        """
        if not self._exists():
            return None
        found = mapped(self.place, lambda: self._client.retrieve(self._name, [record_id]))
        return found[0].payload if found else None

    def of(self, value: str) -> Iterator[models.Record]:
        """Read all records whose field has a value.

        Args:
            value: Exact value of the indexed field.
        """
        if not self._exists():
            return
        offset = None
        while True:
            page, offset = mapped(
                self.place,
                lambda offset=offset: self._client.scroll(self._name, self._match(value), limit=PAGE, offset=offset),  # type: ignore[misc]
            )
            yield from page
            if offset is None:
                return

    def drop(self, record_id: str) -> None:
        """Delete a record if it exists.

        Args:
            record_id: Id of the record, a uuid.
        """
        if self._exists():
            gone = models.PointIdsList(points=[record_id])
            mapped(self.place, lambda: self._client.delete(self._name, gone, wait=True))

    def drop_of(self, value: str) -> None:
        """Delete all records whose field has a value.

        Args:
            value: Exact value of the indexed field.
        """
        if self._exists():
            self._prepare()
            gone = models.FilterSelector(filter=self._match(value))
            mapped(self.place, lambda: self._client.delete(self._name, gone, wait=True))

    def _match(self, value: str) -> models.Filter:
        return models.Filter(must=[models.FieldCondition(key=self._field, match=models.MatchValue(value=value))])

    def _exists(self) -> bool:
        return mapped(self.place, lambda: self._client.collection_exists(self._name))

    def _prepare(self) -> None:
        if self._ready:
            return
        if self._exists():
            self._replicate()
        else:
            chosen = placement(self._client, Replication(), place=self.place)
            try:
                mapped(self.place, lambda: self._client.create_collection(self._name, vectors_config={}, **chosen))
            except AlreadyThereError:
                logger.debug("%s: another process was faster", self.place)
        with warnings.catch_warnings():  # the in-memory mode has no payload indexes and warns every time
            warnings.filterwarnings("ignore", message="Payload indexes have no effect")
            keyword = models.PayloadSchemaType.KEYWORD
            mapped(self.place, lambda: self._client.create_payload_index(self._name, self._field, keyword, wait=True))
        self._ready = True

    def _replicate(self) -> None:
        try:
            started = raise_replicas(self._client, self._name, place=self.place)
        except StoreError as error:  # the record matters more than its second copy
            logger.warning("%s: no further replicas could be made: %s", self.place, error)
            return
        if started:
            logger.info("%s: %d shards are copied to further nodes", self.place, started)
