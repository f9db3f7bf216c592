"""The embedded store: one Qdrant Edge shard per version, in this process.

Shards are written without a write-ahead log: a version is immutable once complete, so durability is one `flush` at
the end of a build, and several processes can read the same version at once (a log would lock it to one of them).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import qdrant_edge as edge

from searchapp.datatypes import Filters, FloatArray
from searchapp.errors import SearchAppError, StorageFullError, StoreError, StoreLockedError
from searchapp.stores.base import Point, ScoredPoint, SparseVector, StoreSpec
from searchapp.stores.filters import Condition, parse_filters

DENSE, LEXICAL = "dense", "lexical"
_SCHEMAS = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "bool": edge.PayloadSchemaType.Bool,
}
_Result = TypeVar("_Result")


class EdgeStore:
    """A Store on a shard directory; reads are thread-safe (the engine releases the GIL), one writer at a time."""

    def __init__(self, shard: edge.EdgeShard, path: Path) -> None:
        self._shard = shard
        self._path = path

    @classmethod
    def create(cls, path: Path, spec: StoreSpec) -> EdgeStore:
        """Make an empty shard in a directory that does not exist yet."""
        kilobytes = max(1, spec.hnsw_threshold * spec.dimension * 4 // 1024)
        config = edge.EdgeConfig(
            vectors={DENSE: edge.EdgeVectorParams(size=spec.dimension, distance=edge.Distance.Cosine)},
            sparse_vectors={LEXICAL: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
            optimizers=edge.EdgeOptimizersConfig(indexing_threshold=kilobytes, default_segment_number=1),
            wal_enabled=False,
        )
        path.mkdir(parents=True)
        store = cls(_mapped(path, lambda: edge.EdgeShard.create(str(path), config)), path)
        for field, kind in {"language": "keyword", **spec.payload_indexes}.items():
            if kind not in _SCHEMAS:
                raise StoreError(f"payload index on {field!r}: unknown kind {kind!r}; use {', '.join(_SCHEMAS)}")
            store._update(edge.UpdateOperation.create_field_index(field, _SCHEMAS[kind]))
        return store

    @classmethod
    def open(cls, path: Path) -> EdgeStore:
        """Open a shard for reading."""
        return cls(_mapped(path, lambda: edge.EdgeShard.load(str(path))), path)

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace points."""
        if points:
            self._update(edge.UpdateOperation.upsert_points([_to_edge(point) for point in points]))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are ignored."""
        if ids:
            self._update(edge.UpdateOperation.delete_points(list(ids)))

    def query_dense(
        self, vector: FloatArray, *, limit: int, filters: Filters | None = None, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """Nearest by cosine, best first."""
        return self._query(edge.Query.Nearest(np.asarray(vector).tolist(), DENSE), limit, filters, with_vectors)

    def query_sparse(
        self, vector: SparseVector, *, limit: int, filters: Filters | None = None, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """Largest dot product with IDF, best first."""
        if not vector:
            return []
        terms = edge.SparseVector(indices=list(vector.indices), values=list(vector.values))
        return self._query(edge.Query.Nearest(terms, LEXICAL), limit, filters, with_vectors)

    def retrieve(self, ids: Sequence[str], *, with_vectors: bool = False) -> list[ScoredPoint]:
        """The points that exist, in the order asked for."""
        records = self._call(
            lambda: self._shard.retrieve(list(ids), with_payload=True, with_vector=with_vectors) if ids else []
        )
        found = {str(record.id): _from_edge(record) for record in records}
        return [found[point_id] for point_id in ids if point_id in found]

    def scroll(
        self, *, limit: int, offset: str | None = None, filters: Filters | None = None, with_vectors: bool = False
    ) -> tuple[list[ScoredPoint], str | None]:
        """One page in id order and the offset of the next one."""
        request = edge.ScrollRequest(
            offset=offset, limit=limit, filter=_filter(filters), with_payload=True, with_vector=with_vectors
        )
        records, following = self._call(lambda: self._shard.scroll(request))
        return [_from_edge(record) for record in records], None if following is None else str(following)

    def count(self, *, filters: Filters | None = None) -> int:
        """Exact number of points."""
        return self._call(lambda: self._shard.count(edge.CountRequest(filter=_filter(filters), exact=True)))

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Exact number of points by value, largest first."""
        request = edge.FacetRequest(key=field, limit=limit, exact=True, filter=_filter(filters))
        hits = self._call(lambda: self._shard.facet(request)).hits
        return dict(sorted(((str(hit.value), hit.count) for hit in hits), key=lambda pair: (-pair[1], pair[0])))

    def optimize(self) -> None:
        """Build the indexes."""
        self._call(self._shard.optimize)

    def flush(self) -> None:
        """Make everything written durable."""
        self._call(self._shard.flush)

    def close(self) -> None:
        """Release the shard; a second call does nothing."""
        self._shard.close()

    def __enter__(self) -> EdgeStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _query(self, query: edge.Query, limit: int, filters: Filters | None, with_vectors: bool) -> list[ScoredPoint]:
        request = edge.QueryRequest(
            query=query, limit=limit, filter=_filter(filters), with_payload=True, with_vector=with_vectors
        )
        points = [_from_edge(point) for point in self._call(lambda: self._shard.query(request))]
        points.sort(key=lambda point: (-point.score, point.id))  # ties in a fixed order, on every engine
        return points

    def _update(self, operation: edge.UpdateOperation) -> None:
        self._call(lambda: self._shard.update(operation))

    def _call(self, action: Callable[[], _Result]) -> _Result:
        return _mapped(self._path, action)


def _mapped(path: Path, action: Callable[[], _Result]) -> _Result:
    """Turn the engine's bare exceptions into ours, once."""
    try:
        return action()
    except SearchAppError:
        raise
    except Exception as error:  # the engine raises nothing more specific
        text = str(error)
        if "WouldBlock" in text or "lock" in text.lower():
            raise StoreLockedError(
                f"{path}: open in another process that writes to it; close that one ({text})"
            ) from error
        if "No space left" in text or "ENOSPC" in text:
            raise StorageFullError(f"{path}: the disk is full; free some space and try again ({text})") from error
        raise StoreError(f"{path}: {text}") from error


def _to_edge(point: Point) -> edge.Point:
    vector: dict[str, Any] = {DENSE: point.dense}
    if point.sparse:
        vector[LEXICAL] = edge.SparseVector(indices=list(point.sparse.indices), values=list(point.sparse.values))
    return edge.Point(id=point.id, vector=vector, payload=dict(point.payload))


def _from_edge(point: edge.ScoredPoint | edge.Record) -> ScoredPoint:
    vectors: Any = point.vector or {}
    dense, sparse = vectors.get(DENSE), vectors.get(LEXICAL)
    return ScoredPoint(
        id=str(point.id),
        score=float(getattr(point, "score", 0.0)),
        payload=point.payload or {},
        dense=None if dense is None else np.asarray(dense, dtype=np.float32),
        sparse=None if sparse is None else SparseVector(tuple(sparse.indices), tuple(sparse.values)),
    )


def _filter(filters: Filters | None) -> edge.Filter | None:
    conditions = parse_filters(filters)
    return edge.Filter(must=[_field(condition) for condition in conditions]) if conditions else None


def _field(condition: Condition) -> edge.FieldCondition | edge.Filter:
    if condition.bounds:
        return edge.FieldCondition(key=condition.field, range=edge.RangeFloat(**dict(condition.bounds)))
    matches: list[Any] = [
        edge.FieldCondition(key=condition.field, match=edge.MatchValue(value)) for value in condition.values
    ]
    return edge.Filter(should=matches)
