"""Embeddings of the live version that a build takes over instead of making them again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from searchapp.encoders.base import Encoder
from searchapp.errors import CollectionNotFoundError, StoreError
from searchapp.stores.base import Catalog, ScoredPoint, Store
from searchapp.stores.names import CollectionName

logger = logging.getLogger(__name__)


class LiveEmbeddings:
    """Finds points of the live version by id; thread-safe.

    Args:
        store: The live version; None when it has nothing that can be taken over.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._lock = threading.Lock()

    def __call__(self, ids: Sequence[str]) -> dict[str, ScoredPoint]:
        """Read the points that exist, with their vectors.

        Args:
            ids: Ids of points; unknown ones are missing in the result.
        """
        if self._store is None:
            return {}
        with self._lock:
            return {point.id: point for point in self._store.retrieve(ids, with_vectors=True)}

    def release(self) -> None:
        """Give back the memory of what was read."""
        if self._store is not None:
            with self._lock:
                self._store.release()


@contextmanager
def live_embeddings(catalog: Catalog, collection: CollectionName, encoder: Encoder) -> Iterator[LiveEmbeddings]:
    """Open the live version for its embeddings; it gives none when another encoder made them or it cannot be read.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        encoder: Encoder of the new version.
    """
    try:
        store, manifest = catalog.open(collection)
    except CollectionNotFoundError:
        yield LiveEmbeddings()
        return
    except StoreError as error:  # costs time and nothing else: a rebuild is the way out of damage
        logger.warning("the live version cannot be read, all passages are encoded again: %s", error)
        yield LiveEmbeddings()
        return
    with store:
        same = manifest.fingerprint == encoder.fingerprint and manifest.dimension == encoder.dimension
        yield LiveEmbeddings(store if same else None)
