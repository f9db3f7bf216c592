"""Run the builds of the Index tab and the changes by REST with `index_builder`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index_builder import (
    BuildOptions,
    BuildReport,
    RemovalReport,
    activate,
    add_documents,
    build_index,
    discard_unfinished,
    remove_documents,
    unfinished_builds,
)
from searchapp.datatypes import Document, Tell
from searchapp.encoders.base import Encoder
from searchapp.stores.base import Catalog
from searchapp.stores.names import CollectionName


@dataclass(frozen=True, slots=True, kw_only=True)
class Builds:
    """Builds collections of one catalog. Thread-safe, because each build opens what it needs.

    Attributes:
        catalog: Catalog of the versions; the caller closes it.
        work: Folder of journals, locks and rejects.
        encoders: Encoders that a page may build with, the default first.
        detector: Name of the language detector.
        any_encoder: Whether other encoders are allowed: a model on the Hub, or a folder that the page may read.
    """

    catalog: Catalog
    work: Path
    encoders: tuple[str, ...]
    detector: str
    any_encoder: bool = False

    def build(
        self, source: Path, collection: CollectionName, options: BuildOptions, *, encoder: str, progress: Tell
    ) -> BuildReport:
        """Build a new version and make it live.

        Args:
            source: File with the documents.
            collection: Name of the collection that gets the version.
            options: How to read the file.
            encoder: One of `encoders`, or another one if allowed.
            progress: Called in this thread.

        Raises:
            SearchAppError: Nothing was changed; the message gives the reason.
        """
        return build_index(
            source,
            collection,
            options=options,
            encoder=encoder,
            catalog=self.catalog,
            work=self.work,
            progress=progress,
        )

    def add(self, documents: Sequence[Document], collection: str, *, encoder: Encoder) -> BuildReport:
        """Add documents to a collection, or replace those with the same ids.

        Args:
            documents: Documents to add, each with its id; an id may occur only once.
            collection: Name of the collection.
            encoder: The encoder that the collection was built with.

        Raises:
            SearchAppError: Nothing was changed; the message gives the reason.
        """
        return add_documents(documents, collection, encoder=encoder, catalog=self.catalog, work=self.work)

    def remove(self, ids: Sequence[str], collection: str) -> RemovalReport:
        """Remove documents from a collection.

        Args:
            ids: Ids of the documents.
            collection: Name of the collection.

        Raises:
            SearchAppError: Nothing was changed; the message gives the reason.
        """
        return remove_documents(ids, collection, catalog=self.catalog, work=self.work)

    def activate(self, collection: str, version: str) -> None:
        """Make another version live.

        Args:
            collection: Name of the collection.
            version: Name of the version.

        Raises:
            SearchAppError: The version does not exist, or a build of the collection is running.
        """
        activate(self.catalog, collection, version, work=self.work)

    def unfinished(self) -> dict[str, int]:
        """Find the collections with an interrupted build and count the finished batches of each."""
        return unfinished_builds(self.catalog, self.work)

    def discard(self, collection: str) -> None:
        """Delete what interrupted builds of a collection left; its versions stay.

        Args:
            collection: Name of the collection.

        Raises:
            BuildInProgressError: A build of the collection is running.
        """
        discard_unfinished(self.catalog, self.work, collection)
