"""Define the protocols of stores and catalogs, independent of the engine.

A *store* is one version of one collection. A *catalog* contains the versions of many collections and knows which one is
live. Versions are written once, validated, activated in one atomic step and never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias, runtime_checkable

from searchapp.datatypes import Filters, FloatArray, SparseVector
from searchapp.stores.manifest import Manifest

VectorName: TypeAlias = Literal["dense", "debiased"]
"""Name of the stored embedding that a dense search compares with, as in Qdrant's `using`."""

DENSE: Final = "dense"
DEBIASED: Final = "debiased"
LEXICAL: Final = "lexical"
"""Name of the sparse vector of term weights."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point to store: an id (uuid), a dense vector (dimension,), a sparse vector and a JSON payload.

    Attributes:
        debiased: (dimension,) dense vector after the collection's debias transform; None if there is none.
    """

    id: str
    dense: FloatArray
    sparse: SparseVector
    payload: Mapping[str, Any]
    debiased: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class ScoredPoint:
    """A stored point with its score (0.0 if it was fetched by id); vectors only on request."""

    id: str
    score: float
    payload: Mapping[str, Any] = field(default_factory=dict)
    dense: FloatArray | None = None
    sparse: SparseVector | None = None
    debiased: FloatArray | None = None

    def vector(self, using: VectorName) -> FloatArray | None:
        """Return the stored embedding of one name, (dimension,); None if it was not read or does not exist.

        Args:
            using: Name of the vectors, `dense` or `debiased`.
        """
        return self.debiased if using == DEBIASED else self.dense


@dataclass(frozen=True, slots=True)
class Replication:
    """Distribution of a version over the nodes of a cluster. An embedded store has one shard and ignores it.

    Attributes:
        shards: Number of parts; None for the server's default.
        replicas: Copies of each shard; None for two if there are at least two nodes.
        write_consistency: Replicas that must confirm a write; None for the server's default.
    """

    shards: int | None = None
    replicas: int | None = None
    write_consistency: int | None = None


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """Layout of a new version.

    Attributes:
        dimension: Length of the dense vectors; the distance is cosine.
        hnsw_threshold: Number of points up to which search is exact; above it an HNSW graph is built. A candidate leg
            (100 ids, 256-d, embedded sentences, 2 cores) takes 1.3, 5.1, 11 and 21 ms by exact search on 10, 50, 100 and
            200 thousand points, and 1.4, 0.7, 1.5 and 2.4 ms with the graph, which finds 97 % of the exact hundred and
            takes 4, 21, 30 and 54 s to build (`python -m benchmarks.hnsw_threshold`).
        payload_indexes: Payload fields to index besides `language`, each `keyword`, `integer`, `float` or `bool`.
        debiased: Whether points have a debiased vector of the same dimension besides the dense one.
        replication: Shards and replicas on a cluster.
    """

    dimension: int
    hnsw_threshold: int = 50_000
    payload_indexes: Mapping[str, str] = field(default_factory=dict)
    debiased: bool = False
    replication: Replication = field(default_factory=Replication)


Fields: TypeAlias = bool | Sequence[str]
"""Which fields of a payload to read: all, none, or those named."""


def named_fields(fields: Fields) -> bool | list[str]:
    """Name the fields of a payload as the engines do.

    Args:
        fields: All, none, or the names of some; of no names none is read.
    """
    return fields if isinstance(fields, bool) else list(fields) or False


class Store(Protocol):
    """One version of one collection. Reads are thread-safe, with one writer at a time; a context manager.

    The two legs are fused outside the engines, by `searchapp.search.fusion`, so that all engines fuse alike and the parts
    of a fused score are known. Payloads cost more than the search itself: a leg of a fusion requests only ids
    (`with_payload=False`), `languages` answers from memory, and the payloads of the few hits are retrieved afterwards.
    """

    def upsert(self, points: Sequence[Point]) -> None:
        """Insert points, or replace those of the same ids.

        Args:
            points: Points with vectors of the store's dimension; empty for no effect.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Remove points.

        Args:
            ids: Ids of the points; unknown ones are ignored.
        """
        ...

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
        """Find the points nearest by cosine among the vectors named by `using`, best first, ties by id.

        Args:
            vector: Query vector, (dimension,).
            limit: Number of points.
            filters: Conditions by stored field; None for all points.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
            using: Name of the vectors that `vector` is compared with.
        """
        ...

    def query_sparse(
        self,
        vector: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: Fields = True,
        with_vectors: bool = False,
    ) -> list[ScoredPoint]:
        """Find the points with the largest dot product, IDF applied, best first, ties by id.

        Points without a common term with the query are left out.

        Args:
            vector: Terms of the query with their weights; without any the result is empty.
            limit: Number of points.
            filters: Conditions by stored field; None for all points.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
        """
        ...

    def query_legs(
        self,
        dense: FloatArray,
        terms: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        using: VectorName = DENSE,
    ) -> tuple[list[ScoredPoint], list[ScoredPoint]]:
        """Search the dense and the lexical leg as `query_dense` and `query_sparse` do, in one request if possible.

        Args:
            dense: (dimension,) query vector.
            terms: Query terms; without any the lexical leg is empty.
            limit: Points per leg.
            filters: Conditions by stored field.
            using: Name of the vectors that `dense` is compared with.

        Returns:
            Both legs without payloads. The first points of a leg may carry the vector named by `using`.
        """
        ...

    def retrieve(
        self, ids: Sequence[str], *, with_payload: Fields = True, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """Fetch points by id, in the given order.

        Args:
            ids: Ids of the points; those that do not exist are left out.
            with_payload: Read the payloads of the points, or only the named fields; otherwise these are empty.
            with_vectors: Read the vectors of the points; otherwise these are None.
        """
        ...

    def languages(self, ids: Sequence[str]) -> dict[str, str]:
        """Look up the language of each id, in memory if it was read before; `und` if the point has none or is missing.

        Args:
            ids: Ids of the points.
        """
        ...

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
        ...

    def count(self, *, filters: Filters | None = None) -> int:
        """Count the points exactly.

        Args:
            filters: Conditions by stored field; None for all points.
        """
        ...

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Count the points per value of an indexed payload field, exactly and largest first.

        Args:
            field: Name of the field.
            filters: Conditions by stored field; None for all points.
            limit: Maximum number of values.
        """
        ...

    def optimize(self) -> None:
        """Build the indexes. Blocks until searches run at full speed."""
        ...

    def flush(self) -> None:
        """Return once everything written is durable."""
        ...

    def release(self) -> None:
        """Release the memory that earlier reads and writes hold; no other call may run meanwhile."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Store: ...

    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version of a collection; `bytes` is 0 if the engine does not report it."""

    collection: str
    version: str
    live: bool
    manifest: Manifest
    bytes: int = 0


class Catalog(Protocol):
    """The collections in one place (a home folder, a server) and their versions. Thread-safe."""

    def collections(self) -> list[str]:
        """Return the names of the collections that have a live version, sorted."""
        ...

    def versions(self, collection: str) -> list[VersionInfo]:
        """List the complete versions in the order in which they were live, the latest last.

        Versions that were never live come first.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection has no complete version.
        """
        ...

    def live_version(self, collection: str) -> str:
        """Return the name of the version that searches use. Cheap enough for every query.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection has no live version.
        """
        ...

    def open(self, collection: str, version: str | None = None) -> tuple[Store, Manifest]:
        """Open a version for reading.

        Args:
            collection: Name of the collection.
            version: Name of the version; None for the live one.

        Raises:
            CollectionNotFoundError: The collection has no such complete version.
        """
        ...

    def create(self, collection: str, version: str, spec: StoreSpec) -> Store:
        """Open a new, empty version for writing; it replaces an incomplete one of the same name.

        Args:
            collection: Name of the collection, which may be new.
            version: Name of the new version.
            spec: Layout of the new version.

        Raises:
            StoreError: The version exists and is complete.
        """
        ...

    def fork(self, collection: str, version: str, spec: StoreSpec, *, origin: str) -> Store:
        """Open a new version for writing as a copy of a complete one; it replaces an incomplete one of the same name.

        Args:
            collection: Name of the collection.
            version: Name of the new version.
            spec: Layout of the new version, the same as the origin's.
            origin: Name of the complete version.
        """
        ...

    def complete(self, collection: str, version: str, manifest: Manifest) -> None:
        """Store the manifest, which makes the version complete. It is not live yet.

        Args:
            collection: Name of the collection.
            version: Name of the version, whose points are all written.
            manifest: What the version was built with.
        """
        ...

    def activate(self, collection: str, version: str) -> None:
        """Make a complete version live in one atomic step.

        Args:
            collection: Name of the collection.
            version: Name of the complete version.

        Raises:
            CollectionNotFoundError: The collection has no such complete version.
        """
        ...

    def attach(self, collection: str, version: str, name: str, data: bytes) -> None:
        """Store a file with a version that is not yet complete. It is durable on return and deleted with the version.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of the file.
            data: Content of the file.
        """
        ...

    def attachment(self, collection: str, version: str, name: str) -> bytes:
        """Read a file of a version.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of the file, as given to `attach`.

        Raises:
            StoreError: The version has no file of this name.
        """
        ...

    def delete_version(self, collection: str, version: str) -> None:
        """Delete a version that is not live, complete or not.

        Args:
            collection: Name of the collection.
            version: Name of the version.

        Raises:
            StoreError: The version is live.
        """
        ...

    def delete_collection(self, collection: str) -> None:
        """Delete a collection with all its versions.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection does not exist.
        """
        ...

    def leftovers(self) -> dict[str, list[str]]:
        """Find what interrupted builds and deletions left, by collection, for display. A running build also leaves some."""
        ...

    def clear(self, collection: str, *, keep: Collection[str] = ()) -> list[str]:
        """Delete the leftovers of a collection and list them. The caller ensures that no build of it is running.

        Args:
            collection: Name of the collection.
            keep: Incomplete versions that stay.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class SharedCatalog(Catalog, Protocol):
    """A catalog whose incomplete versions several processes can write at the same time."""

    @property
    def address(self) -> str | None:
        """Address at which other processes reach the catalog; None if only this one does."""
        ...

    def reopen(self, collection: str, version: str, spec: StoreSpec) -> Store | None:
        """Open an incomplete version for writing with the points that it has; None if it does not exist.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            spec: Layout with which it was created.
        """
        ...
