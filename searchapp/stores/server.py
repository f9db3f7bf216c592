"""Store each version as a Qdrant collection on a server, through qdrant-client."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from qdrant_client import models
from qdrant_client.local.qdrant_local import QdrantLocal

from searchapp.datatypes import Filters, FloatArray, SparseVector
from searchapp.errors import StoreError
from searchapp.stores.base import (
    DEBIASED,
    DENSE,
    LEXICAL,
    Fields,
    Point,
    ScoredPoint,
    StoreSpec,
    VectorName,
    named_fields,
)
from searchapp.stores.languages import LanguageMemory
from searchapp.stores.payload import language_of
from searchapp.stores.server_cluster import placement
from searchapp.stores.server_errors import AlreadyThereError, mapped
from searchapp.stores.server_values import from_server, split, to_filter, to_server
from searchapp.stores.ties import best_first

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

logger = logging.getLogger(__name__)

BATCH = 256
"""Points per request: about 2 MB as JSON."""

REQUEST_BYTES = 8 << 20
"""Estimated bytes of JSON per request. Servers reject more than 32 MiB; a larger point is still sent on its own."""

STREAMS = 3
"""Concurrent requests; Qdrant recommends two to four."""

GRAPH_LINKS = 16
"""Links per point of a graph (HNSW's m), Qdrant's default. During uploads it is 0, which builds no graph and keeps
the server's memory low."""

INDEXING_KILOBYTES = 10_000
"""Segment size from which the server builds a graph: Qdrant's own default."""

HEAD = 3
"""Points per leg that include their vector: feedback needs that of the best fused passage, usually one of them."""

PATIENCE = 1800.0
"""Maximum seconds to wait for the server's graphs."""

_SCHEMAS = {
    "keyword": models.PayloadSchemaType.KEYWORD,
    "integer": models.PayloadSchemaType.INTEGER,
    "float": models.PayloadSchemaType.FLOAT,
    "bool": models.PayloadSchemaType.BOOL,
}
_Result = TypeVar("_Result")


class ServerStore:
    """A Store in a Qdrant server's collection. Thread-safe as qdrant-client is; the catalog owns the client.

    Args:
        client: The connection.
        name: Name of the physical collection.
        place: Name of the server in messages.
        hnsw_threshold: Points up to which `optimize` builds no graph; the server then scans its segments.
    """

    def __init__(self, client: QdrantClient, name: str, *, place: str, hnsw_threshold: int = 0) -> None:
        self._client = client
        self._name = name
        self._place = f"{place}/{name}"
        self._hnsw_threshold = hnsw_threshold
        self._languages = LanguageMemory(self._read_languages)

    @classmethod
    def create(cls, client: QdrantClient, name: str, spec: StoreSpec, *, place: str) -> ServerStore:
        """Create an empty collection, replacing one of the same name; no graph is built during uploads.

        Args:
            client: The connection.
            name: Name of the physical collection.
            spec: Its layout.
            place: Name of the server in messages.
        """
        for field, kind in spec.payload_indexes.items():
            if kind not in _SCHEMAS:
                raise StoreError(f"payload index on {field!r}: unknown kind {kind!r}; use {', '.join(_SCHEMAS)}")
        store = cls(client, name, place=place, hnsw_threshold=spec.hnsw_threshold)
        chosen = placement(client, spec.replication, place=place)
        store._call(lambda: client.delete_collection(name) if client.collection_exists(name) else None)
        vectors = [DENSE, DEBIASED] if spec.debiased else [DENSE]
        try:
            store._call(
                lambda: client.create_collection(
                    name,
                    vectors_config={
                        vector: models.VectorParams(size=spec.dimension, distance=models.Distance.COSINE)
                        for vector in vectors
                    },
                    sparse_vectors_config={LEXICAL: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                    hnsw_config=models.HnswConfigDiff(m=0),
                    **chosen,
                )
            )
        except AlreadyThereError:  # a first attempt whose response was lost; deleted before, so it is empty
            logger.debug("%s: created by a request whose response was lost", store._place)
        for field, kind in {"language": "keyword", **spec.payload_indexes}.items():
            store._index(field, _SCHEMAS[kind])
        return store

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace points, in requests of a size that servers accept, `STREAMS` at a time.

        Args:
            points: Points with vectors of the store's dimension.
        """
        structs = (to_server(point) for point in points)
        batches = list(split(structs, most=BATCH, most_bytes=REQUEST_BYTES))
        if len(batches) < 2:
            for batch in batches:
                self._send(batch)
            return
        with ThreadPoolExecutor(max_workers=1 if _in_memory(self._client) else STREAMS) as streams:
            for done in [streams.submit(self._send, batch) for batch in batches]:
                done.result()

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points.

        Args:
            ids: Ids of the points; unknown ones are ignored.
        """
        if ids:
            selector = models.PointIdsList(points=list(ids))
            self._write(lambda: self._client.delete(self._name, selector, wait=True))

    def query_dense(
        self,
        vector: FloatArray,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: Fields = True,
        with_vectors: bool = False,
        using: VectorName = DENSE,
    ) -> list[ScoredPoint]:
        """Find the points nearest by cosine, best first.

        Args:
            vector: Query vector, (dimension,).
            limit: Number of points.
            filters: Conditions by stored field; None for all points.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
            using: Name of the vectors that `vector` is compared with.
        """
        return self._query(np.asarray(vector).tolist(), using, limit, filters, with_payload, with_vectors)

    def query_sparse(
        self,
        vector: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: Fields = True,
        with_vectors: bool = False,
    ) -> list[ScoredPoint]:
        """Find the points with the largest dot product, IDF applied, best first.

        Args:
            vector: Terms of the query with their weights; without any the result is empty.
            limit: Number of points.
            filters: Conditions by stored field; None for all points.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
        """
        if not vector:
            return []
        terms = models.SparseVector(indices=list(vector.indices), values=list(vector.values))
        return self._query(terms, LEXICAL, limit, filters, with_payload, with_vectors)

    def query_legs(
        self,
        dense: FloatArray,
        terms: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        using: VectorName = DENSE,
    ) -> tuple[list[ScoredPoint], list[ScoredPoint]]:
        """Search both legs in one request, which also returns the languages and the vectors of the first points.

        Args:
            dense: Query vector, (dimension,).
            terms: Query terms; without any the lexical leg is empty.
            limit: Points per leg.
            filters: Conditions by stored field; None for all points.
            using: Name of the vectors that `dense` is compared with.

        Returns:
            Both legs without payloads.
        """
        queries: list[tuple[Any, str]] = [(np.asarray(dense).tolist(), using)]
        if terms:
            queries.append((models.SparseVector(indices=list(terms.indices), values=list(terms.values)), LEXICAL))
        condition = to_filter(filters)
        head: list[str] = [using]
        requests = [
            models.QueryRequest(
                query=query, using=name, filter=condition, limit=count, with_payload=["language"], with_vector=vectors
            )
            for count, vectors in ((limit + 1, False), (HEAD, head))
            for query, name in queries
        ]
        answers = self._call(lambda: self._client.query_batch_points(self._name, requests))
        found = [[from_server(point) for point in answer.points] for answer in answers]
        self._languages.learn({point.id: language_of(point.payload) for leg in found for point in leg})
        heads = {point.id: point for leg in found[len(queries) :] for point in leg}
        legs = [
            best_first(
                lambda count, query=query, first=first: (  # type: ignore[misc]
                    first if count == limit + 1 else self._fetch(query, count, condition, with_payload=False)
                ),
                limit=limit,
            )
            for query, first in zip(queries, found[: len(queries)], strict=True)
        ]
        near, *lexical = ([replace(heads.get(p.id, p), score=p.score, payload={}) for p in leg] for leg in legs)
        return near, lexical[0] if lexical else []

    def retrieve(
        self, ids: Sequence[str], *, with_payload: Fields = True, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """Fetch points by id, in the given order.

        Args:
            ids: Ids of the points; those that do not exist are left out.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
        """
        if not ids:
            return []
        records = self._call(
            lambda: self._client.retrieve(
                self._name, list(ids), with_payload=named_fields(with_payload), with_vectors=with_vectors
            )
        )
        found = {str(record.id): from_server(record) for record in records}
        return [found[point_id] for point_id in ids if point_id in found]

    def languages(self, ids: Sequence[str]) -> dict[str, str]:
        """Look up the language of each id; `und` if there is none.

        Args:
            ids: Ids of the points.
        """
        return self._languages.of(ids)

    def scroll(
        self, *, limit: int, offset: str | None = None, filters: Filters | None = None, with_vectors: bool = False
    ) -> tuple[list[ScoredPoint], str | None]:
        """Read one page of points in id order, with their payloads.

        Args:
            limit: Number of points on the page.
            offset: Id at which the page begins, from the previous page; None for the first page.
            filters: Conditions by stored field; None for all points.
            with_vectors: Read the vectors of the points; otherwise these are None.

        Returns:
            The points, and the offset of the next page; None at the end.
        """
        records, following = self._call(
            lambda: self._client.scroll(
                self._name,
                limit=limit,
                offset=offset,
                scroll_filter=to_filter(filters),
                with_payload=True,
                with_vectors=with_vectors,
            )
        )
        return [from_server(record) for record in records], None if following is None else str(following)

    def count(self, *, filters: Filters | None = None) -> int:
        """Count the points exactly.

        Args:
            filters: Conditions by stored field; None for all points.
        """
        return self._call(lambda: self._client.count(self._name, count_filter=to_filter(filters), exact=True)).count

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Count the points per value of a payload field, exactly and largest first.

        Args:
            field: Name of an indexed field.
            filters: Conditions by stored field; None for all points.
            limit: Maximum number of values.
        """
        answer = self._call(
            lambda: self._client.facet(self._name, field, facet_filter=to_filter(filters), limit=limit, exact=True)
        )
        return dict(sorted(((str(hit.value), hit.count) for hit in answer.hits), key=lambda pair: (-pair[1], pair[0])))

    def optimize(self) -> None:
        """Let the server build its graphs if there are more points than the threshold, and wait until they are ready.

        After `PATIENCE` seconds the wait ends with a warning: searches are correct in the meantime, only slower.
        """
        if self.count() > self._hnsw_threshold:
            self._call(
                lambda: self._client.update_collection(
                    self._name,
                    hnsw_config=models.HnswConfigDiff(m=GRAPH_LINKS),
                    optimizers_config=models.OptimizersConfigDiff(indexing_threshold=INDEXING_KILOBYTES),
                )
            )
        pause, patience = 0.05, PATIENCE
        while self._call(lambda: self._client.get_collection(self._name)).status != models.CollectionStatus.GREEN:
            if patience <= 0:
                logger.warning(
                    "%s: still optimising after %d s; searches are slower until it is done", self._place, PATIENCE
                )
                return
            time.sleep(pause)
            patience -= pause
            pause = min(2 * pause, 5.0)

    def flush(self) -> None:
        """Do nothing: the server acknowledges a write once it is in its log."""

    def release(self) -> None:
        """Do nothing: the server holds it all."""

    def close(self) -> None:
        """Do nothing: the catalog owns the connection."""

    def __enter__(self) -> ServerStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _query(
        self, query: Any, using: str, limit: int, filters: Filters | None, with_payload: Fields, with_vectors: bool
    ) -> list[ScoredPoint]:
        condition = to_filter(filters)

        def fetch(count: int) -> list[ScoredPoint]:
            first = count == limit + 1
            return self._fetch(
                (query, using),
                count,
                condition,
                with_payload=with_payload if first else False,
                with_vectors=with_vectors and first,
            )

        def read(ids: Sequence[str]) -> list[ScoredPoint]:
            return self.retrieve(ids, with_payload=with_payload, with_vectors=with_vectors)

        return best_first(fetch, limit=limit, read=read if with_payload or with_vectors else None)

    def _fetch(
        self,
        query: tuple[Any, str],
        count: int,
        condition: models.Filter | None,
        *,
        with_payload: Fields,
        with_vectors: bool = False,
    ) -> list[ScoredPoint]:
        answer = self._call(
            lambda: self._client.query_points(
                self._name,
                query=query[0],
                using=query[1],
                limit=count,
                query_filter=condition,
                with_payload=named_fields(with_payload),
                with_vectors=with_vectors,
            )
        )
        return [from_server(point) for point in answer.points]

    def _send(self, batch: Sequence[models.PointStruct]) -> None:
        self._write(lambda: self._client.upsert(self._name, list(batch), wait=True))

    def _read_languages(self, ids: Sequence[str]) -> dict[str, str]:
        records = self._call(
            lambda: self._client.retrieve(self._name, list(ids), with_payload=["language"], with_vectors=False)
        )
        return {str(record.id): language_of(record.payload) for record in records}

    def _write(self, action: Callable[[], object]) -> None:
        try:
            self._call(action)
        finally:
            self._languages.forget()  # only after the update, as a search may read during it

    def _call(self, action: Callable[[], _Result]) -> _Result:
        return mapped(self._place, action)

    def _index(self, field: str, schema: models.PayloadSchemaType) -> None:
        with warnings.catch_warnings():  # the in-memory mode has no payload indexes and warns every time
            warnings.filterwarnings("ignore", message="Payload indexes have no effect")
            self._call(lambda: self._client.create_payload_index(self._name, field, schema, wait=True))


def _in_memory(client: QdrantClient) -> bool:
    """Return whether this is qdrant-client's in-process engine, which allows one writer at a time."""
    return isinstance(getattr(client, "_client", None), QdrantLocal)
