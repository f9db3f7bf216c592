"""Store each version as one Qdrant Edge shard, embedded in this process.

Shards are written without a write-ahead log. A version is immutable once complete, so one `flush` at the end of a build
makes it durable, and several processes can read the same version at once (a log would lock it to one of them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import qdrant_edge as edge

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
from searchapp.stores.durable import unwritable
from searchapp.stores.edge_errors import check_space, mapped
from searchapp.stores.edge_graph import build_graph, can_build_apart
from searchapp.stores.edge_values import disk_bytes, from_hit, from_record, to_edge, to_filter, to_sparse
from searchapp.stores.languages import LanguageMemory
from searchapp.stores.payload import language_of
from searchapp.stores.ties import best_first

_SCHEMAS = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "bool": edge.PayloadSchemaType.Bool,
}
_Result = TypeVar("_Result")


class EdgeStore:
    """A Store in a shard directory. Reads are thread-safe (the engine releases the GIL), with one writer at a time."""

    def __init__(self, shard: edge.EdgeShard, path: Path, *, hnsw_threshold: int = 0) -> None:
        self._shard = shard
        self._path = path
        self._hnsw_threshold = hnsw_threshold
        self._written = False
        self._languages = LanguageMemory(self._read_languages)

    @classmethod
    def create(cls, path: Path, spec: StoreSpec) -> EdgeStore:
        """Create an empty shard in a new directory.

        Args:
            path: Path of the new directory.
            spec: Layout of the version.

        Raises:
            StoreError: The directory cannot be created, or a payload index has an unknown kind.
        """
        kilobytes = max(1, spec.hnsw_threshold * spec.dimension * 4 // 1024)
        names = [DENSE, DEBIASED] if spec.debiased else [DENSE]
        config = edge.EdgeConfig(
            vectors={name: edge.EdgeVectorParams(size=spec.dimension, distance=edge.Distance.Cosine) for name in names},
            sparse_vectors={LEXICAL: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
            optimizers=edge.EdgeOptimizersConfig(indexing_threshold=kilobytes, default_segment_number=1),
            wal_enabled=False,
        )
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise unwritable(path, error) from error
        shard = mapped(path, lambda: edge.EdgeShard.create(str(path), config))
        store = cls(shard, path, hnsw_threshold=spec.hnsw_threshold)
        for field, kind in {"language": "keyword", **spec.payload_indexes}.items():
            if kind not in _SCHEMAS:
                raise StoreError(f"payload index on {field!r}: unknown kind {kind!r}; use {', '.join(_SCHEMAS)}")
            store._update(edge.UpdateOperation.create_field_index(field, _SCHEMAS[kind]))
        return store

    @classmethod
    def open(cls, path: Path, *, hnsw_threshold: int = 0) -> EdgeStore:
        """Open an existing shard.

        Args:
            path: Folder of the shard.
            hnsw_threshold: Points up to which `optimize` builds no graph; no effect if the shard is only read.
        """
        return cls(mapped(path, lambda: edge.EdgeShard.load(str(path))), path, hnsw_threshold=hnsw_threshold)

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert or replace points.

        Args:
            points: Points with vectors of the store's dimension.

        Raises:
            StorageFullError: The disk has too little space for them.
        """
        if points:
            check_space(self._path, needed=disk_bytes(points))
            self._update(edge.UpdateOperation.upsert_points([to_edge(point) for point in points]))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points.

        Args:
            ids: Ids of the points; unknown ones are ignored.
        """
        if ids:
            self._update(edge.UpdateOperation.delete_points(list(ids)))

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
        query = edge.Query.Nearest(np.asarray(vector).tolist(), using)
        return self._query(query, limit, filters, with_payload, with_vectors)

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
        return self._query(edge.Query.Nearest(to_sparse(vector), LEXICAL), limit, filters, with_payload, with_vectors)

    def query_legs(
        self,
        dense: FloatArray,
        terms: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        using: VectorName = DENSE,
    ) -> tuple[list[ScoredPoint], list[ScoredPoint]]:
        """Search both legs one after the other, because a call into the engine takes only microseconds.

        Args:
            dense: Query vector, (dimension,).
            terms: Query terms; without any the lexical leg is empty.
            limit: Points per leg.
            filters: Conditions by stored field; None for all points.
            using: Name of the vectors that `dense` is compared with.

        Returns:
            Both legs without payloads.
        """
        return (
            self.query_dense(dense, limit=limit, filters=filters, with_payload=False, using=using),
            self.query_sparse(terms, limit=limit, filters=filters, with_payload=False),
        )

    def retrieve(
        self, ids: Sequence[str], *, with_payload: Fields = True, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """Fetch points by id, in the given order.

        Args:
            ids: Ids of the points; those that do not exist are left out.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
        """
        records = self._call(
            lambda: (
                self._shard.retrieve(list(ids), with_payload=named_fields(with_payload), with_vector=with_vectors)
                if ids
                else []
            )
        )
        found = {record.id: record for record in map(from_record, records)}
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
        request = edge.ScrollRequest(
            offset=offset, limit=limit, filter=to_filter(filters), with_payload=True, with_vector=with_vectors
        )
        records, following = self._call(lambda: self._shard.scroll(request))
        return [from_record(record) for record in records], None if following is None else str(following)

    def count(self, *, filters: Filters | None = None) -> int:
        """Count the points exactly.

        Args:
            filters: Conditions by stored field; None for all points.
        """
        return self._call(lambda: self._shard.count(edge.CountRequest(filter=to_filter(filters), exact=True)))

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Count the points per value of a payload field, exactly and largest first.

        Uses the engine's approximate mode, which counts in the payload index and is exact for one shard. Its "exact"
        mode runs a query per value and takes 3 to 50 times as long for the same numbers.

        Args:
            field: Name of an indexed field.
            filters: Conditions by stored field; None for all points.
            limit: Maximum number of values.
        """
        request = edge.FacetRequest(key=field, limit=limit, exact=False, filter=to_filter(filters))
        hits = self._call(lambda: self._shard.facet(request)).hits
        return dict(sorted(((str(hit.value), hit.count) for hit in hits), key=lambda pair: (-pair[1], pair[0])))

    def optimize(self) -> None:
        """Build the HNSW graph if there are more points than the threshold; otherwise do nothing."""
        large = self._call(self._shard.info).points_count > self._hnsw_threshold
        if large:
            used = sum(file.stat().st_blocks * 512 for file in self._path.rglob("*") if file.is_file())
            check_space(self._path, needed=used)  # the optimised segment is written next to the one it replaces
        if large and can_build_apart():
            with self._closed():
                build_graph(self._path)
        else:
            self._call(self._shard.optimize)

    def flush(self) -> None:
        """Make everything written durable."""
        self._call(self._shard.flush)

    def release(self) -> None:
        """Close and reopen the shard: until then, all touched pages of its mapped files count as memory of this process."""
        with self._closed():
            pass

    def close(self) -> None:
        """Release the shard. A second call does nothing."""
        self._shard.close()

    def __enter__(self) -> EdgeStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _query(
        self, query: edge.Query, limit: int, filters: Filters | None, with_payload: Fields, with_vectors: bool
    ) -> list[ScoredPoint]:
        condition = to_filter(filters)
        bare = not (with_payload or with_vectors)

        def fetch(count: int) -> list[ScoredPoint]:
            first = count == limit + 1
            request = edge.QueryRequest(
                query=query,
                limit=count,
                filter=condition,
                with_payload=named_fields(with_payload) if first else False,
                with_vector=with_vectors and first,
            )
            return [from_hit(point, bare=bare or not first) for point in self._call(lambda: self._shard.query(request))]

        def read(ids: Sequence[str]) -> list[ScoredPoint]:
            return self.retrieve(ids, with_payload=with_payload, with_vectors=with_vectors)

        return best_first(fetch, limit=limit, read=None if bare else read)

    def _read_languages(self, ids: Sequence[str]) -> dict[str, str]:
        records = self._call(lambda: self._shard.retrieve(list(ids), with_payload=["language"], with_vector=False))
        return {str(record.id): language_of(record.payload) for record in records}

    def _update(self, operation: edge.UpdateOperation) -> None:
        self._written = True
        try:
            self._call(lambda: self._shard.update(operation))
        finally:
            self._languages.forget()  # only after the update, as a search may read during it

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """Close the shard during the block; what was written is durable then."""
        if self._written:  # a live version that was only read stays untouched
            self.flush()
        self._shard.close()
        try:
            yield
        finally:
            self._shard = self._call(lambda: edge.EdgeShard.load(str(self._path)))

    def _call(self, action: Callable[[], _Result]) -> _Result:
        return mapped(self._path, action)
