"""Follow the live version of a collection without failing a query that is under way."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

from searchapp.debias.attached import read_transform
from searchapp.debias.base import DebiasTransform
from searchapp.encoders.base import Encoder
from searchapp.errors import CollectionNotFoundError, SearchAppError, StoreError
from searchapp.stores.base import Catalog, Store
from searchapp.stores.manifest import Manifest
from searchapp.text.bm25 import LexicalEncoder

logger = logging.getLogger(__name__)

ATTEMPTS = 3
RETRY_SECONDS = 5.0
"""Seconds before a version that could not be opened is tried again."""


@dataclass(slots=True)
class Serving:
    """An open version and everything needed to search it. Closed when its last reader is done."""

    version: str
    store: Store
    manifest: Manifest
    encoder: Encoder
    lexical: LexicalEncoder
    debias: DebiasTransform | None = None
    readers: int = 0
    retired: bool = False


@dataclass(slots=True)
class LiveCollection:
    """Lends out the live version of one collection. Thread-safe.

    The first query after a switch opens the new version, while other queries continue on the previous one, which stays open
    until its readers are done. If the new version cannot be served (another encoder, a model that does not load, damaged
    files), the previous one continues to serve and `problem` says why.

    Args:
        encoder_for: Returns the encoder for a manifest; called by one thread at a time.
        problem: Why a newer version is not served, or an empty string.
    """

    catalog: Catalog
    collection: str
    encoder_for: Callable[[Manifest], Encoder]
    problem: str = ""
    _refused: str = ""
    _refused_until: float = 0.0
    _current: Serving | None = None
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def lease(self) -> Iterator[Serving]:
        """Lend the live version. It stays open until the block ends."""
        serving = self._acquire()
        try:
            yield serving
        finally:
            self._release(serving)

    def close(self) -> None:
        """Close the open version once its readers are done. Later leases raise StoreError."""
        with self._lock:
            self._closed = True
            self._retire(self._current)
            self._current = None

    def _acquire(self) -> Serving:
        first = self._current is None
        # all threads wait for the first opening; later one thread opens while the others use the previous version
        if (first or not self._is_live()) and self._opening.acquire(blocking=first):
            try:
                self._refresh()
            finally:
                self._opening.release()
        with self._lock:
            if self._closed or self._current is None:
                raise StoreError(f"this client of collection {self.collection!r} is closed; open a new one")
            self._current.readers += 1
            return self._current

    def _release(self, serving: Serving) -> None:
        with self._lock:
            serving.readers -= 1
            if serving.retired and serving.readers == 0:
                serving.store.close()

    def _is_live(self) -> bool:
        """Return whether the open version is current. It counts as current if the live one was refused a short while ago."""
        current = self._current
        try:
            live = self.catalog.live_version(self.collection)
        except SearchAppError:
            return False
        return current is not None and (live == current.version or self._is_refused(live))

    def _is_refused(self, version: str) -> bool:
        return version == self._refused and time.monotonic() < self._refused_until

    def _refresh(self) -> None:
        for attempt in range(ATTEMPTS):
            if self._closed:
                return
            live = ""
            try:
                live = self.catalog.live_version(self.collection)
                if self._current is not None and (live == self._current.version or self._is_refused(live)):
                    return
                opened = self._open(live)
            except SearchAppError as error:
                transient = isinstance(error, (CollectionNotFoundError, StoreError))
                if transient and attempt + 1 < ATTEMPTS:
                    continue  # a build may prune a version between the two calls: check again before giving up
                if self._current is None:
                    raise
                self._refuse(live, error, retry=RETRY_SECONDS if transient else inf)
                return
            self._swap(opened)
            return

    def _refuse(self, version: str, error: SearchAppError, *, retry: float) -> None:
        if self.problem != str(error):
            logger.warning("collection %s: an older version stays in use: %s", self.collection, error)
        self.problem = str(error)
        self._refused, self._refused_until = version, time.monotonic() + retry

    def _swap(self, opened: Serving) -> None:
        with self._lock:
            if self._closed:
                opened.store.close()
                return
            self._retire(self._current)
            self._current, self.problem, self._refused = opened, "", ""

    def _open(self, version: str) -> Serving:
        store, manifest = self.catalog.open(self.collection, version)
        try:
            encoder = self.encoder_for(manifest)
            manifest.check_encoder(encoder)
            lexical = LexicalEncoder.from_configuration(manifest.lexical)
            debias = read_transform(self.catalog, manifest)
        except BaseException:
            store.close()
            raise
        return Serving(version=version, store=store, manifest=manifest, encoder=encoder, lexical=lexical, debias=debias)

    def _retire(self, serving: Serving | None) -> None:
        if serving is not None:
            serving.retired = True
            if serving.readers == 0:
                serving.store.close()
