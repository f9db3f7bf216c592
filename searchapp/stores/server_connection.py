"""Connect to a Qdrant server, or to the nodes of a cluster, trying the next node if one is dead."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import ResponseHandlingException

from searchapp.errors import ConfigurationError, redacted
from searchapp.files.addresses import is_address

logger = logging.getLogger(__name__)


def addresses(url: str) -> list[str]:
    """Split `QDRANT_URL` at its commas.

    Args:
        url: One address, or several with commas between them; `:memory:` is allowed.

    Raises:
        ConfigurationError: An address cannot be used, or there is none.
    """
    found = [part.strip() for part in url.split(",") if part.strip()]
    wrong = [part for part in found if part != ":memory:" and not is_address(part)]
    if wrong or not found:
        raise ConfigurationError(
            f"QDRANT_URL: {redacted(wrong[0]) if wrong else url!r} is not an address; expected http://HOST:PORT, "
            "or several with commas between them; in a password, write / as %2F, ? as %3F, # as %23 and a comma as %2C"
        )
    return found


def open_client(url: str, *, api_key: str | None, prefer_grpc: bool, timeout: int) -> QdrantClient:
    """Create a client of one or several addresses without sending a request.

    Args:
        url: One address, or several separated by commas.
        api_key: Key sent with every request.
        prefer_grpc: Use gRPC where possible.
        timeout: Seconds per request.
    """
    found = addresses(url)
    if api_key and any(part.startswith("http://") and not _local(part) for part in found):
        logger.warning("the key goes to %s unencrypted; use https", redacted(url))
    clients = []
    for part in found:
        with warnings.catch_warnings():  # already logged above
            warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
            clients.append(
                QdrantClient(
                    url=part, api_key=api_key, prefer_grpc=prefer_grpc, timeout=timeout, check_compatibility=False
                )
            )
    return clients[0] if len(clients) == 1 else cast(QdrantClient, Failover(clients))


class Failover:
    """Acts as one client for the nodes of a cluster: calls go to one node until it is unreachable, then to the next.

    All requests of this product are idempotent, so a request that may have reached a dying node is repeated. Thread-safe.

    Args:
        clients: One per node, in the order in which they are tried.
    """

    def __init__(self, clients: Sequence[QdrantClient]) -> None:
        self._clients = list(clients)
        self._current = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method of the clients that moves on to the next node if one is dead."""

        def call(*args: Any, **options: Any) -> Any:
            for attempt in range(1, len(self._clients) + 1):
                place = self._current
                try:
                    return getattr(self._clients[place], name)(*args, **options)
                except Exception as error:  # two transports, each with its own errors
                    if attempt == len(self._clients) or not _unreachable(error):
                        raise
                    logger.info("a node does not answer (%s); trying the next one", error)
                    self._leave(place)
            raise AssertionError("unreachable: the last attempt returns or raises")

        return call

    def _leave(self, place: int) -> None:
        with self._lock:
            if self._current == place:  # otherwise another thread has moved on already
                self._current = (place + 1) % len(self._clients)


def _unreachable(error: Exception) -> bool:
    if isinstance(error, ResponseHandlingException):
        return isinstance(error.source, httpx.TransportError)
    code: Any = getattr(error, "code", None)  # grpc.RpcError
    return callable(code) and str(getattr(code(), "name", "")) == "UNAVAILABLE"


def _local(url: str) -> bool:
    return (urlsplit(url).hostname or "") in ("localhost", "127.0.0.1", "::1")
