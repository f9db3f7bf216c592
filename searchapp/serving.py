"""Which version of a collection answers: follows the live pointer without ever failing a query that is under way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from searchapp.encoders.base import Encoder
from searchapp.errors import CollectionNotFoundError, EncoderMismatchError, StoreError
from searchapp.lexical import LexicalEncoder
from searchapp.manifest import Manifest
from searchapp.stores.base import Catalog, Store

logger = logging.getLogger(__name__)

ATTEMPTS = 3


@dataclass(slots=True)
class Serving:
    """An open version with what is needed to search it; closed when its last reader is done."""

    version: str
    store: Store
    manifest: Manifest
    encoder: Encoder
    lexical: LexicalEncoder
    readers: int = 0
    retired: bool = False


@dataclass(slots=True)
class LiveCollection:
    """Hands out the live version of one collection.

    A version that was swapped in is opened on the next query; the one before stays open until its readers are done.
    When the new version cannot be opened (another encoder, damaged files) the old one goes on serving and `problem`
    says why. Thread-safe.

    Attributes:
        encoder_for: Gives the encoder for a manifest; raises EncoderMismatchError when it cannot.
        problem: Why a newer version is not served, or an empty string.
    """

    catalog: Catalog
    collection: str
    encoder_for: Callable[[Manifest], Encoder]
    problem: str = ""
    _refused: str = ""
    _current: Serving | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def lease(self) -> Iterator[Serving]:
        """Use the live version; it stays open until the block ends."""
        serving = self._acquire()
        try:
            yield serving
        finally:
            self._release(serving)

    def close(self) -> None:
        """Close the open version once its readers are done."""
        with self._lock:
            self._retire(self._current)
            self._current = None

    def _acquire(self) -> Serving:
        with self._lock:
            current = self._refresh()
            current.readers += 1
            return current

    def _release(self, serving: Serving) -> None:
        with self._lock:
            serving.readers -= 1
            if serving.retired and serving.readers == 0:
                serving.store.close()

    def _refresh(self) -> Serving:
        live = ""
        for attempt in range(ATTEMPTS):
            try:
                live = self.catalog.live_version(self.collection)
                if self._current is not None and live in (self._current.version, self._refused):
                    return self._current
                opened = self._open(live)
            except (CollectionNotFoundError, StoreError, EncoderMismatchError) as error:
                # a build may prune a version between the two calls: look again before giving up
                if not isinstance(error, EncoderMismatchError) and attempt + 1 < ATTEMPTS:
                    continue
                if self._current is None:
                    raise
                if self.problem != str(error):
                    logger.warning("still serving version %s of %s: %s", self._current.version, self.collection, error)
                self.problem = str(error)
                self._refused = live if isinstance(error, EncoderMismatchError) else ""
                return self._current
            self._retire(self._current)
            self._current, self.problem, self._refused = opened, "", ""
            return opened
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _open(self, version: str) -> Serving:
        store, manifest = self.catalog.open(self.collection, version)
        try:
            encoder = self.encoder_for(manifest)
            manifest.check_encoder(encoder)
        except Exception:
            store.close()
            raise
        lexical = LexicalEncoder.from_configuration(manifest.lexical)
        return Serving(version=version, store=store, manifest=manifest, encoder=encoder, lexical=lexical)

    def _retire(self, serving: Serving | None) -> None:
        if serving is not None:
            serving.retired = True
            if serving.readers == 0:
                serving.store.close()
