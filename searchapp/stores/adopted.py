"""Adopt a Qdrant collection that other software made: check its layout, and offer it to `SearchClient` for reading."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from qdrant_client import models

from searchapp.encoders.base import Encoder
from searchapp.errors import CollectionNotFoundError, ConfigurationError, EncoderMismatchError, StoreError, redacted
from searchapp.stores.adopted_store import AdoptedStore, Layout, refuse
from searchapp.stores.base import StoreSpec, VersionInfo
from searchapp.stores.manifest import Manifest
from searchapp.stores.server_connection import open_client
from searchapp.stores.server_errors import mapped
from searchapp.text.bm25 import LexicalEncoder

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

VERSION = "adopted"


class AdoptedCatalog:
    """A catalog of one foreign collection, for `SearchClient`. It reads, and refuses everything else.

    Args:
        client: The connection, closed with the catalog.
        collection: Name of the collection or of an alias.
        layout: Where its fields are.
        encoder: The encoder that made its vectors.
        place: Name of the server in messages.

    Raises:
        CollectionNotFoundError: The server has no such collection.
        ConfigurationError: It has no such vector, or no point has the text field.
        EncoderMismatchError: The vectors have another dimension than the encoder's.
    """

    def __init__(
        self, client: QdrantClient, collection: str, layout: Layout, *, encoder: Encoder, place: str = "server"
    ) -> None:
        self._client, self._collection, self._layout, self._place = client, collection, layout, place
        dimension = self._dimension()
        if dimension != encoder.dimension:
            raise EncoderMismatchError(
                collection=collection,
                expected=f"of {dimension} dimensions",
                actual=f"{encoder.name} ({encoder.dimension}-d)",
            )
        self._check_fields()
        self._store = AdoptedStore(client, collection, layout, place=place)
        languages = self._store.facet("language")
        self._manifest = Manifest(
            collection=collection,
            version=VERSION,
            encoder=encoder.name,
            fingerprint=encoder.fingerprint,
            dimension=dimension,
            points=self._store.count(),
            languages=languages,
            lexical=LexicalEncoder().configuration,
        )

    def collections(self) -> list[str]:
        """Return the name of the collection."""
        return [self._collection]

    def versions(self, collection: str) -> list[VersionInfo]:
        """Return the collection as its only version.

        Args:
            collection: Its name.
        """
        return [VersionInfo(collection, self.live_version(collection), True, self._manifest)]

    def live_version(self, collection: str) -> str:
        """Return the name of the only version.

        Args:
            collection: Name of the collection.
        """
        if collection != self._collection:
            raise CollectionNotFoundError(f"no collection {collection!r}; adopted is {self._collection!r}")
        return VERSION

    def open(self, collection: str, version: str | None = None) -> tuple[AdoptedStore, Manifest]:
        """Open the collection for reading.

        Args:
            collection: Its name.
            version: Ignored.
        """
        self.live_version(collection)
        return self._store, self._manifest

    def create(self, collection: str, version: str, spec: StoreSpec) -> NoReturn:
        """Refuse to write.

        Args:
            collection: Name of a collection.
            version: Name of a version.
            spec: Its layout.
        """
        refuse(self._place)

    def fork(self, collection: str, version: str, spec: StoreSpec, *, origin: str) -> NoReturn:
        """Refuse to write.

        Args:
            collection: Name of a collection.
            version: Name of a version.
            spec: Its layout.
            origin: Name of another version.
        """
        refuse(self._place)

    def complete(self, collection: str, version: str, manifest: Manifest) -> None:
        """Refuse to write.

        Args:
            collection: Name of a collection.
            version: Name of a version.
            manifest: Its manifest.
        """
        refuse(self._place)

    def activate(self, collection: str, version: str) -> None:
        """Refuse to write.

        Args:
            collection: Name of a collection.
            version: Name of a version.
        """
        refuse(self._place)

    def attach(self, collection: str, version: str, name: str, data: bytes) -> None:
        """Refuse to write.

        Args:
            collection: Name of a collection.
            version: Name of a version.
            name: Name of a file.
            data: Its content.
        """
        refuse(self._place)

    def attachment(self, collection: str, version: str, name: str) -> bytes:
        """Report that there are no files.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of a file.
        """
        raise StoreError(f"{self._place}/{collection}: an adopted collection has no file {name}")

    def delete_version(self, collection: str, version: str) -> None:
        """Refuse to delete.

        Args:
            collection: Name of a collection.
            version: Name of a version.
        """
        refuse(self._place)

    def delete_collection(self, collection: str) -> None:
        """Refuse to delete.

        Args:
            collection: Name of a collection.
        """
        refuse(self._place)

    def leftovers(self) -> dict[str, list[str]]:
        """Return nothing: nothing is ever written."""
        return {}

    def clear(self, collection: str, *, keep: Collection[str] = ()) -> list[str]:
        """Delete nothing.

        Args:
            collection: Name of a collection.
            keep: Ignored.
        """
        return []

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _dimension(self) -> int:
        """Find the length of the vectors."""
        place, name = self._place, self._collection
        if not mapped(place, lambda: self._client.collection_exists(name)):
            there = ", ".join(sorted(one.name for one in mapped(place, self._client.get_collections).collections))
            raise CollectionNotFoundError(f"{place} has no collection {name!r} (collections: {there or 'none'})")
        vectors: Any = mapped(place, lambda: self._client.get_collection(name)).config.params.vectors
        named: Mapping[str, Any] = vectors if isinstance(vectors, Mapping) else {"": vectors}
        chosen = named.get(self._layout.vector)
        if chosen is None:
            there = ", ".join(one or "an unnamed one" for one in named)
            raise ConfigurationError(
                f"{place}/{name} has no vector {self._layout.vector!r}; it has {there}: set vector=NAME"
            )
        if chosen.distance not in (models.Distance.COSINE, models.Distance.DOT):
            raise ConfigurationError(f"{place}/{name} compares by {chosen.distance.value}, expected Cosine or Dot")
        return int(chosen.size)

    def _check_fields(self) -> None:
        """Reject fields that none of the first points has."""
        place, name = self._place, self._collection
        records, _ = mapped(place, lambda: self._client.scroll(name, limit=100, with_payload=True))
        there = sorted({field for record in records for field in record.payload or {}})
        for use, field in (
            ("text", self._layout.text),
            ("language", self._layout.language),
            ("title", self._layout.title),
        ):
            if field is not None and field not in there:
                shown = ", ".join(there) or "no fields"
                raise ConfigurationError(
                    f"{place}/{name}: no point has the field {field!r} ({use}=…); they have {shown}"
                )


def adopt(url: str, collection: str, layout: Layout, *, encoder: Encoder) -> AdoptedCatalog:
    """Connect to a server and adopt a collection for reading; the server's key is read from `QDRANT_API_KEY`.

    Args:
        url: Address of the server.
        collection: Name of the collection or of an alias.
        layout: Where its fields are.
        encoder: The encoder that made its vectors.

    Raises:
        StoreError: The server does not answer.
        CollectionNotFoundError: The server has no such collection.
        ConfigurationError: It has no such vector, or no point has one of the fields.
        EncoderMismatchError: The vectors have another dimension than the encoder's.

    Example:
        >>> encoder = load_encoder("intfloat/multilingual-e5-small")                   # doctest: +SKIP
        >>> catalog = adopt("http://127.0.0.1:6333", "articles", Layout(text="body"), encoder=encoder)  # doctest: +SKIP
        >>> with SearchClient("articles", catalog=catalog, encoder=encoder) as client:  # doctest: +SKIP
        ...     client.search("tea", mode="dense")
    """
    client = open_client(url, api_key=os.environ.get("QDRANT_API_KEY"), prefer_grpc=False, timeout=30)
    try:
        return AdoptedCatalog(client, collection, layout, encoder=encoder, place=redacted(url))
    except BaseException:
        client.close()
        raise
