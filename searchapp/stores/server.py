"""The server store: one physical Qdrant collection per version, through qdrant-client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from qdrant_client import models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from searchapp.datatypes import Filters, FloatArray
from searchapp.errors import SearchAppError, StorageFullError, StoreError
from searchapp.stores.base import Point, ScoredPoint, SparseVector, StoreSpec
from searchapp.stores.filters import Condition, parse_filters
from searchapp.stores.ties import best_first

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

DENSE, LEXICAL = "dense", "lexical"
BATCH = 256
_SCHEMAS = {
    "keyword": models.PayloadSchemaType.KEYWORD,
    "integer": models.PayloadSchemaType.INTEGER,
    "float": models.PayloadSchemaType.FLOAT,
    "bool": models.PayloadSchemaType.BOOL,
}
_Result = TypeVar("_Result")


class ServerStore:
    """A Store on a Qdrant server's collection; thread-safe as qdrant-client is; the client belongs to the catalog."""

    def __init__(self, client: QdrantClient, name: str) -> None:
        self._client = client
        self._name = name

    @classmethod
    def create(cls, client: QdrantClient, name: str, spec: StoreSpec) -> ServerStore:
        """Make an empty collection, replacing one of that name."""
        store = cls(client, name)
        kilobytes = max(1, spec.hnsw_threshold * spec.dimension * 4 // 1024)
        store._call(lambda: client.delete_collection(name) if client.collection_exists(name) else None)
        store._call(
            lambda: client.create_collection(
                name,
                vectors_config={DENSE: models.VectorParams(size=spec.dimension, distance=models.Distance.COSINE)},
                sparse_vectors_config={LEXICAL: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                optimizers_config=models.OptimizersConfigDiff(indexing_threshold=kilobytes),
            )
        )
        for field, kind in {"language": "keyword", **spec.payload_indexes}.items():
            if kind not in _SCHEMAS:
                raise StoreError(f"payload index on {field!r}: unknown kind {kind!r}; use {', '.join(_SCHEMAS)}")
            store._call(lambda field=field, kind=kind: client.create_payload_index(name, field, _SCHEMAS[kind]))  # type: ignore[misc]
        return store

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace points."""
        for start in range(0, len(points), BATCH):
            structs = [_to_server(point) for point in points[start : start + BATCH]]
            self._call(lambda structs=structs: self._client.upsert(self._name, structs, wait=True))  # type: ignore[misc]

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are ignored."""
        if ids:
            selector = models.PointIdsList(points=list(ids))
            self._call(lambda: self._client.delete(self._name, selector, wait=True))

    def query_dense(
        self,
        vector: FloatArray,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: bool = True,
        with_vectors: bool = False,
    ) -> list[ScoredPoint]:
        """Nearest by cosine, best first."""
        return self._query(np.asarray(vector).tolist(), DENSE, limit, filters, with_payload, with_vectors)

    def query_sparse(
        self,
        vector: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: bool = True,
        with_vectors: bool = False,
    ) -> list[ScoredPoint]:
        """Largest dot product with IDF, best first."""
        if not vector:
            return []
        terms = models.SparseVector(indices=list(vector.indices), values=list(vector.values))
        return self._query(terms, LEXICAL, limit, filters, with_payload, with_vectors)

    def retrieve(self, ids: Sequence[str], *, with_vectors: bool = False) -> list[ScoredPoint]:
        """The points that exist, in the order asked for."""
        if not ids:
            return []
        records = self._call(
            lambda: self._client.retrieve(self._name, list(ids), with_payload=True, with_vectors=with_vectors)
        )
        found = {str(record.id): _from_server(record) for record in records}
        return [found[point_id] for point_id in ids if point_id in found]

    def scroll(
        self, *, limit: int, offset: str | None = None, filters: Filters | None = None, with_vectors: bool = False
    ) -> tuple[list[ScoredPoint], str | None]:
        """One page in id order and the offset of the next one."""
        records, following = self._call(
            lambda: self._client.scroll(
                self._name,
                limit=limit,
                offset=offset,
                scroll_filter=_filter(filters),
                with_payload=True,
                with_vectors=with_vectors,
            )
        )
        return [_from_server(record) for record in records], None if following is None else str(following)

    def count(self, *, filters: Filters | None = None) -> int:
        """Exact number of points."""
        return self._call(lambda: self._client.count(self._name, count_filter=_filter(filters), exact=True)).count

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Exact number of points by value, largest first."""
        answer = self._call(
            lambda: self._client.facet(self._name, field, facet_filter=_filter(filters), limit=limit, exact=True)
        )
        return dict(sorted(((str(hit.value), hit.count) for hit in answer.hits), key=lambda pair: (-pair[1], pair[0])))

    def optimize(self) -> None:
        """Nothing to ask for: the server optimises by itself, and searches are right meanwhile."""

    def flush(self) -> None:
        """Nothing to ask for: the server acknowledges a write when it is in its log."""

    def close(self) -> None:
        """Nothing to release: the catalog owns the connection."""

    def __enter__(self) -> ServerStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _query(
        self, query: Any, using: str, limit: int, filters: Filters | None, with_payload: bool, with_vectors: bool
    ) -> list[ScoredPoint]:
        condition = _filter(filters)

        def fetch(count: int) -> list[ScoredPoint]:
            answer = self._call(
                lambda: self._client.query_points(
                    self._name,
                    query=query,
                    using=using,
                    limit=count,
                    query_filter=condition,
                    with_payload=with_payload,
                    with_vectors=with_vectors,
                )
            )
            return [_from_server(point) for point in answer.points]

        return best_first(fetch, limit=limit)

    def _call(self, action: Callable[[], _Result]) -> _Result:
        return mapped(self._name, action)


def mapped(place: str, action: Callable[[], _Result]) -> _Result:
    """Turn the client's exceptions into ours, once; `place` names the collection or the server."""
    try:
        return action()
    except SearchAppError:
        raise
    except ResponseHandlingException as error:
        raise StoreError(
            f"{place}: the Qdrant server does not answer ({error}); check QDRANT_URL and that the server is up"
        ) from error
    except UnexpectedResponse as error:
        text = str(error)
        if error.status_code in (401, 403):
            raise StoreError(f"{place}: the Qdrant server refuses the key; check QDRANT_API_KEY") from error
        if "No space left" in text:
            raise StorageFullError(f"{place}: the server's disk is full ({text})") from error
        raise StoreError(f"{place}: {text}") from error
    except (ValueError, RuntimeError, OSError) as error:  # what the in-memory mode and gRPC raise
        raise StoreError(f"{place}: {error}") from error


def _to_server(point: Point) -> models.PointStruct:
    vector: dict[str, Any] = {DENSE: np.asarray(point.dense).tolist()}
    if point.sparse:
        vector[LEXICAL] = models.SparseVector(indices=list(point.sparse.indices), values=list(point.sparse.values))
    return models.PointStruct(id=point.id, vector=vector, payload=dict(point.payload))


def _from_server(point: models.ScoredPoint | models.Record) -> ScoredPoint:
    vectors: Any = point.vector or {}
    dense, sparse = vectors.get(DENSE), vectors.get(LEXICAL)
    return ScoredPoint(
        id=str(point.id),
        score=float(getattr(point, "score", 0.0)),
        payload=point.payload or {},
        dense=None if dense is None else np.asarray(dense, dtype=np.float32),
        sparse=None if sparse is None else SparseVector(tuple(sparse.indices), tuple(sparse.values)),
    )


def _filter(filters: Filters | None) -> models.Filter | None:
    conditions = parse_filters(filters)
    return models.Filter(must=[_field(condition) for condition in conditions]) if conditions else None


def _field(condition: Condition) -> models.FieldCondition | models.Filter:
    if condition.bounds:
        return models.FieldCondition(key=condition.field, range=models.Range(**dict(condition.bounds)))
    return models.Filter(
        should=[
            models.FieldCondition(key=condition.field, match=models.MatchValue(value=value))
            for value in condition.values
        ]
    )
