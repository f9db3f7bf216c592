"""Provide the collections that a page can search: one client's, or all those of a home folder or a server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from searchapp.client import SearchClient
from searchapp.errors import CollectionNotFoundError, SearchAppError
from searchapp.stores.base import Catalog

logger = logging.getLogger(__name__)


class Pool(Protocol):
    """Provides clients by collection. Thread-safe."""

    @property
    def default(self) -> str:
        """Return the name of the collection to search if none is named."""
        ...

    @property
    def catalog(self) -> Catalog | None:
        """Return the catalog of the versions; None if the page has only a client."""
        ...

    def names(self) -> list[str]:
        """Return the collections that can be searched, sorted and current."""
        ...

    def client(self, name: str = "") -> SearchClient:
        """Return the client of a collection.

        Args:
            name: Name of the collection; empty for the default one.

        Raises:
            SearchAppError: The collection does not exist or cannot be opened.
        """
        ...


class ClientPool:
    """A single client, for programs that embed the page; the caller closes it."""

    def __init__(self, client: SearchClient) -> None:
        self._client = client
        self.default = client.collection
        self.catalog: Catalog | None = None

    def names(self) -> list[str]:
        """Return the client's collection."""
        return [self.default]

    def client(self, name: str = "") -> SearchClient:
        """Return the client.

        Args:
            name: Name of the client's collection, or empty.

        Raises:
            CollectionNotFoundError: The name is not that of the client's collection.
        """
        if name not in ("", self.default):
            raise CollectionNotFoundError(f"there is no collection {name!r} here; available: {self.default!r}")
        return self._client


class HomePool:
    """All collections of a catalog. Clients are opened on first use and stay open.

    A context manager. Closing it closes the clients; the caller closes the catalog.

    Args:
        catalog: Catalog of the collections.
        default: Collection to search if none is named; it need not exist yet.
        open_client: Opens the client of a collection.
        alone: Publish only the default collection.
    """

    def __init__(
        self, catalog: Catalog, *, default: str, open_client: Callable[[str], SearchClient], alone: bool = False
    ) -> None:
        self.catalog: Catalog | None = catalog
        self._catalog = catalog
        self._default = default
        self._alone = alone
        self._open = open_client
        self._clients: dict[str, SearchClient] = {}
        self._opening: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._closed = False

    @property
    def default(self) -> str:
        """Return the given default if it exists, else the first collection."""
        names = self.names()
        return self._default if self._default in names or not names else names[0]

    def names(self) -> list[str]:
        """Return the collections that have a live version."""
        try:
            found = self._catalog.collections()
        except SearchAppError as error:
            logger.warning("the collections cannot be listed: %s", error)
            return []
        return [name for name in found if name == self._default] if self._alone else found

    def client(self, name: str = "") -> SearchClient:
        """Return the client of a collection, opening it once even if two threads ask for it at the same time.

        Args:
            name: Name of the collection; empty for the default one.

        Raises:
            SearchAppError: The collection does not exist, is not published or cannot be opened, or the pool is
                closed.
        """
        wanted = name or self.default
        if self._alone and wanted != self._default:
            raise CollectionNotFoundError(f"there is no collection {wanted!r} here; available: {self._default!r}")
        self._catalog.live_version(wanted)  # a deleted collection is not searched from memory
        with self._lock:
            if self._closed:
                raise SearchAppError("the page is shutting down; try again in a moment")
            if wanted in self._clients:
                return self._clients[wanted]
            opening = self._opening.setdefault(wanted, threading.Lock())
        with opening:
            with self._lock:
                if wanted in self._clients:
                    return self._clients[wanted]
            client = self._open(wanted)
            with self._lock:
                keep = not self._closed
                if keep:
                    self._clients[wanted] = client
        if not keep:
            client.close()
            raise SearchAppError("the page is shutting down; try again in a moment")
        return client

    def close(self) -> None:
        """Close the clients. Running searches finish first."""
        with self._lock:
            self._closed = True
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def __enter__(self) -> HomePool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
