"""Define the stages that run on the workers: cut, encode, write. Each does what a build in one process does."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index_builder.batches import Batch, Batches, Cutter
from index_builder.cutting import cutter_for
from index_builder.debiased import with_debiased
from index_builder.finishing import Finisher
from index_builder.journal import Segment
from index_builder.options import BuildOptions
from index_builder.ray.parcels import stage
from index_builder.ray.reading import Group
from index_builder.reuse import LiveEmbeddings, live_embeddings
from searchapp.datatypes import FloatArray
from searchapp.debias.base import DebiasTransform
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.errors import EncoderError, StoreError
from searchapp.stores.base import SharedCatalog, Store, StoreSpec
from searchapp.stores.names import CollectionName
from searchapp.stores.opening import open_catalog
from searchapp.text.bm25 import LexicalEncoder

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Cutting:
    """Cuts the documents of a group into passages with their languages, and gives them in batches.

    Attributes:
        options: Options of the build.
        dimension: Length of an embedding.
        largest: Approximate bytes of a batch.
        path: Name of the source in rejects.
    """

    options: BuildOptions
    dimension: int
    largest: int
    path: str

    def __call__(self, block: pa.Table) -> Iterator[pa.Table]:
        """Cut one group."""
        return stage(block, self._batches)

    def _batches(self, group: Group) -> Iterator[Batch]:
        options = self.options
        batches = Batches(
            cutter=_cutter(options.detector, options.passage_tokens, options.overlap_tokens),
            dimension=self.dimension,
            largest=self.largest,
            path=self.path,
            most=options.batch,
            first=options.batch,
        )
        return batches.of(group.items, started=group.started)


@lru_cache(maxsize=1)
def _cutter(detector: str, tokens: int, overlap: int) -> Cutter:
    """Keep the cutter of this process between groups."""
    return cutter_for(BuildOptions(detector=detector, passage_tokens=tokens, overlap_tokens=overlap))


@dataclass(frozen=True, slots=True)
class EncoderPlace:
    """Where a worker finds the encoder of the build and the embeddings that exist already.

    Attributes:
        name: Name of the encoder.
        fingerprint: Its fingerprint, which the worker's must have too.
        folder: Folder to which its name may be relative.
        options: Options of the build.
        threads: Processors of one encoder.
        collection: Collection whose live version has reusable embeddings.
        home: Folder of the collection; None if it is on a server.
        url: Address of the server; None if there is none that workers reach.
    """

    name: str
    fingerprint: str
    folder: Path
    options: BuildOptions
    threads: int
    collection: str
    home: Path | None
    url: str | None

    def load(self) -> Encoder:
        """Load the encoder.

        Raises:
            EncoderError: It cannot be loaded here, or is another one.
        """
        with suppress(OSError):  # another node need not have the folder
            os.chdir(self.folder)
        options = self.options
        encoder = load_encoder(
            self.name,
            revision=options.revision,
            backend=options.backend,
            trust_remote_code=options.trust_remote_code,
            threads=self.threads,
            fingerprint=self.fingerprint,
        )
        if encoder.fingerprint != self.fingerprint:
            raise EncoderError(
                f"a worker on {os.uname().nodename} loads the encoder {self.name!r} with fingerprint {encoder.fingerprint}, "
                f"expected {self.fingerprint}; install the same version and the same model on all nodes"
            )
        return encoder


class Encoding:
    """Makes the points of batches. One object per process of the pool; loads its encoder once.

    Args:
        place: Where the encoder and existing embeddings are.
        known: Reference of further embeddings by the digest of what the encoder reads, in Ray's object store.
    """

    def __init__(self, place: EncoderPlace, known: Any) -> None:
        import ray

        self._place = place
        self._known: Mapping[str, FloatArray] = ray.get(known)
        self._finisher: Finisher | None = None

    def __call__(self, block: pa.Table) -> Iterator[pa.Table]:
        """Encode one batch."""
        return stage(block, self._segment)

    def _segment(self, batch: Batch) -> Iterator[Segment]:
        if self._finisher is None:  # not in the constructor, which Ray would repeat without end on an error
            self._finisher = self._opened()
        yield self._finisher.segment(batch)

    def _opened(self) -> Finisher:
        place = self._place
        encoder = place.load()
        lookup = LiveEmbeddings()
        if place.url is not None or place.home is not None:
            catalog = open_catalog(home=place.home, url=place.url)
            # never closed: it is used until the process ends
            lookup = live_embeddings(catalog, CollectionName(place.collection), encoder).__enter__()
        return Finisher(encoder, LexicalEncoder(), lookup, self._known)


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes the points of segments into the new version on a server, and counts them.

    Attributes:
        url: Address of the server; its key is read from the worker's environment.
        collection: Name of the collection.
        version: Name of the new version.
        spec: Its layout.
        transform: Debias transform of the points; None if there is none.
    """

    url: str
    collection: str
    version: str
    spec: StoreSpec
    transform: DebiasTransform | None

    def __call__(self, block: pa.Table) -> Iterator[pa.Table]:
        """Write one segment."""
        return stage(block, self._written)

    def _written(self, segment: Segment) -> Iterator[Segment]:
        points = segment.points if self.transform is None else with_debiased(segment.points, self.transform)
        _store(self.url, self.collection, self.version, self.spec.dimension).upsert(points)
        middle = len(segment.points) // 2
        yield replace(segment, points=segment.points[middle : middle + 1], written=Counter(segment.languages))


@lru_cache(maxsize=1)
def _store(url: str, collection: str, version: str, dimension: int) -> Store:
    """Keep the connection of this process between segments."""
    catalog = open_catalog(url=url)
    found = catalog.reopen(collection, version, StoreSpec(dimension)) if isinstance(catalog, SharedCatalog) else None
    if found is None:
        raise StoreError(f"{collection}: the unfinished version {version} is gone; run the same command again")
    return found
