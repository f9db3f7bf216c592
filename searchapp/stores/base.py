"""What a vector store and a catalog of collections are, whatever engine is behind them.

A *store* is one version of one collection. A *catalog* holds the versions of many collections and knows which one is
live. Versions are written once, validated, activated by one atomic step and never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from searchapp.datatypes import Filters, FloatArray, SparseVector
from searchapp.stores.manifest import Manifest

VectorName: TypeAlias = Literal["dense", "debiased"]
"""Names the stored embedding that a dense search compares with, as Qdrant's `using` does."""

DENSE: Final = "dense"
DEBIASED: Final = "debiased"
LEXICAL: Final = "lexical"
"""Names the sparse vector of term weights."""


@dataclass(frozen=True, slots=True)
class Point:
    """What is stored: an id (uuid), a dense vector (dimension,), a sparse one and a JSON payload.

    Attributes:
        debiased: (dimension,) the dense vector after the collection's debias transform; None where there is none.
    """

    id: str
    dense: FloatArray
    sparse: SparseVector
    payload: Mapping[str, Any]
    debiased: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class ScoredPoint:
    """A stored point with its score (0.0 when it was fetched and not searched for); vectors only on request."""

    id: str
    score: float
    payload: Mapping[str, Any] = field(default_factory=dict)
    dense: FloatArray | None = None
    sparse: SparseVector | None = None
    debiased: FloatArray | None = None

    def vector(self, using: VectorName) -> FloatArray | None:
        """Return the stored embedding of that name, (dimension,); None where it was not read or does not exist."""
        return self.debiased if using == DEBIASED else self.dense


@dataclass(frozen=True, slots=True)
class Replication:
    """How a version is spread over the nodes of a cluster; an embedded store has one shard and ignores it.

    Attributes:
        shards: Parts that the points are spread over; None for the server's own choice.
        replicas: Copies of each shard; None for two where there are two nodes or more.
        write_consistency: Replicas that must have a write before it counts; None for the server's own choice.
    """

    shards: int | None = None
    replicas: int | None = None
    write_consistency: int | None = None


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """How a new version is laid out.

    Attributes:
        dimension: Length of the dense vectors; distance is cosine.
        hnsw_threshold: Up to about this many points search is exact; above, an HNSW graph is built. A candidate leg (100
            ids, 256-d, embedded sentences, 2 cores) takes 1.3, 5.1, 11 and 21 ms by exact search on 10, 50, 100 and 200
            thousand points, and 1.4, 0.7, 1.5 and 2.4 ms with the graph, which finds 97 % of the exact hundred and takes
            4, 21, 30 and 54 s to build (`python -m benchmarks.hnsw_threshold`).
        payload_indexes: Payload fields to index beside `language`, each `keyword`, `integer`, `float` or `bool`.
        debiased: Whether points hold a debiased vector beside the dense one, of the same dimension.
        replication: Shards and replicas on a cluster.
    """

    dimension: int
    hnsw_threshold: int = 50_000
    payload_indexes: Mapping[str, str] = field(default_factory=dict)
    debiased: bool = False
    replication: Replication = field(default_factory=Replication)


class Store(Protocol):
    """One version of one collection; reads are thread-safe, one writer at a time; a context manager.

    Fusion of the two legs is `searchapp.search.fusion`, outside the engines: so it is the same on all of them, and the
    parts of a fused score can be shown. Payloads cost more than the search itself: a leg of a fusion asks for ids only
    (`with_payload=False`), `languages` answers from memory, and the payloads of the few hits are retrieved afterwards.
    """

    def upsert(self, points: Sequence[Point]) -> None: ...

    def delete(self, ids: Sequence[str]) -> None: ...

    def query_dense(
        self,
        vector: FloatArray,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: bool = True,
        with_vectors: bool = False,
        using: VectorName = DENSE,
    ) -> list[ScoredPoint]:
        """Find the points nearest by cosine among the vectors named by `using`: best first, equal scores by id."""
        ...

    def query_sparse(
        self,
        vector: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: bool = True,
        with_vectors: bool = False,
    ) -> list[ScoredPoint]:
        """Largest dot product with IDF applied, best first, equal scores by id.

        Points that have no term in common with the query are left out.
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
        """Search the dense and the lexical leg as `query_dense` and `query_sparse` do, in one request where there are any.

        Args:
            dense: (dimension,) query vector.
            terms: Query terms; the lexical leg is empty without any.
            limit: Points per leg.
            filters: Conditions by stored field.
            using: Name of the vectors that `dense` is compared with.

        Returns:
            Both legs without payloads. The first points of a leg may carry the vector named by `using`.
        """
        ...

    def retrieve(
        self, ids: Sequence[str], *, with_payload: bool = True, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """The points that exist, in the order asked for."""
        ...

    def languages(self, ids: Sequence[str]) -> dict[str, str]:
        """Language by id, `und` where the point has none or does not exist; from memory where it was read before."""
        ...

    def scroll(
        self, *, limit: int, offset: str | None = None, filters: Filters | None = None, with_vectors: bool = False
    ) -> tuple[list[ScoredPoint], str | None]:
        """One page in id order and the offset of the next one, None at the end."""
        ...

    def count(self, *, filters: Filters | None = None) -> int:
        """Exact number of points."""
        ...

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Exact number of points by value of an indexed payload field, largest first."""
        ...

    def optimize(self) -> None:
        """Build the indexes; blocks until searches run at full speed."""
        ...

    def flush(self) -> None:
        """Return when everything written is durable."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Store: ...

    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One version of a collection; `bytes` is 0 where the engine does not tell."""

    collection: str
    version: str
    live: bool
    manifest: Manifest
    bytes: int = 0


class Catalog(Protocol):
    """The collections of one place (a home folder, a server) and their versions; thread-safe."""

    def collections(self) -> list[str]:
        """Names of the collections that have a live version, sorted."""
        ...

    def versions(self, collection: str) -> list[VersionInfo]:
        """List the complete versions in the order in which they were live, the latest last.

        Versions that never were live come first. Raises CollectionNotFoundError when there is none.
        """
        ...

    def live_version(self, collection: str) -> str:
        """The version that searches see; cheap enough to call on every query; raises CollectionNotFoundError."""
        ...

    def open(self, collection: str, version: str | None = None) -> tuple[Store, Manifest]:
        """Open a version (the live one by default) for reading."""
        ...

    def create(self, collection: str, version: str, spec: StoreSpec) -> Store:
        """Open a new, empty version for writing, replacing an incomplete one of the same name."""
        ...

    def complete(self, collection: str, version: str, manifest: Manifest) -> None:
        """Record the manifest: from now on the version counts as complete. It is not live yet."""
        ...

    def activate(self, collection: str, version: str) -> None:
        """Make a complete version live in one atomic step."""
        ...

    def attach(self, collection: str, version: str, name: str, data: bytes) -> None:
        """Store a file with a version that is not complete yet; durable when this returns, deleted with the version."""
        ...

    def attachment(self, collection: str, version: str, name: str) -> bytes:
        """Read a file back; raises StoreError when the version holds none of this name."""
        ...

    def delete_version(self, collection: str, version: str) -> None:
        """Remove a version that is not live, complete or not."""
        ...

    def delete_collection(self, collection: str) -> None: ...

    def leftovers(self) -> dict[str, list[str]]:
        """Find what killed builds and deletions left: collection -> names for people. A build that runs leaves some, too."""
        ...

    def clear(self, collection: str) -> list[str]:
        """Delete the leftovers of a collection and name them; the caller makes sure that no build of it runs."""
        ...

    def close(self) -> None: ...
