"""Convert qdrant-client's exceptions over HTTP, gRPC and in memory to this software's errors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from searchapp.errors import SearchAppError, StorageFullError, StoreError

ATTEMPTS = 3
"""Attempts after a lost connection or a busy server; all requests are idempotent."""

FIRST_PAUSE = 0.1
"""Seconds before the second attempt; four times as many before the third."""

_BUSY = (429, 502, 503, 504)
_NODE_AWAY = re.compile(
    r"service is currently unavailable|tcp connect error|transport error|deadline has elapsed", re.I
)
_NO_INDEX = re.compile(r'Index required but not found for "(?P<field>[^"]+)"')
_Result = TypeVar("_Result")


class AlreadyThereError(StoreError):
    """The server already contains something of this name."""


def mapped(place: str, action: Callable[[], _Result]) -> _Result:
    """Run a request and repeat it after a temporary failure.

    Args:
        place: Name of the server, and of the collection if there is one, in messages.
        action: The request; it may run several times.

    Raises:
        StoreError: The last attempt failed, or the failure is not temporary.
    """
    pause = FIRST_PAUSE
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except SearchAppError:
            raise
        except Exception as error:  # three transports, each with its own errors
            if attempt == ATTEMPTS or not _passing(error):
                raise translated(place, error) from error
        time.sleep(pause)
        pause *= 4
    raise AssertionError("unreachable: the last attempt returns or raises")


def translated(place: str, error: Exception) -> StoreError:
    """Convert an exception of qdrant-client to an error that says what to do.

    Args:
        place: Name of the server, and of the collection if there is one, in messages.
        error: The exception.
    """
    if isinstance(error, ResponseHandlingException):
        if isinstance(error.source, httpx.TimeoutException):
            return StoreError(
                f"{place}: the Qdrant server did not answer in time; is it overloaded, or still starting?"
            )
        return StoreError(
            f"{place}: the Qdrant server does not answer ({error.source}); check QDRANT_URL and that the server is up"
        )
    status = _status(error)
    text = _text(error)
    if status == 409 or status == "ALREADY_EXISTS":
        return AlreadyThereError(f"{place}: {text}")
    if missing := _NO_INDEX.search(text):
        field = missing["field"].removeprefix("metadata.")
        return StoreError(
            f"{place}: the server only filters by indexed fields, and {field!r} has no index; "
            f"build the collection with --index-field {field}"
        )
    if status in (401, 403, "UNAUTHENTICATED", "PERMISSION_DENIED"):
        return StoreError(f"{place}: the Qdrant server refuses the key ({text}); check QDRANT_API_KEY")
    if status in (500, "INTERNAL") and _NODE_AWAY.search(text):
        return StoreError(
            f"{place}: a node of the cluster is down and no replica of its data answers ({text.splitlines()[0]}); "
            "start the node again, or build with --replicas 2"
        )
    if status in (*_BUSY, "UNAVAILABLE", "RESOURCE_EXHAUSTED"):
        return StoreError(f"{place}: the Qdrant server is not available ({text}); check QDRANT_URL and try again")
    if status == "DEADLINE_EXCEEDED":
        return StoreError(f"{place}: the Qdrant server did not answer in time; is it overloaded, or still starting?")
    if status == 507 or "no space left" in text.lower() or "disk is full" in text.lower():
        return StorageFullError(f"{place}: the server's disk is full ({text})")
    return StoreError(f"{place}: {text}")


def _passing(error: Exception) -> bool:
    """Return whether the same request may soon succeed. A timeout is not repeated, as it has taken long enough."""
    if isinstance(error, ResponseHandlingException):
        return isinstance(error.source, httpx.TransportError) and not isinstance(error.source, httpx.TimeoutException)
    status = _status(error)
    if status in (*_BUSY, "UNAVAILABLE", "RESOURCE_EXHAUSTED"):
        return True
    return status in (500, "INTERNAL") and bool(_NODE_AWAY.search(_text(error)))  # one node of a cluster


def _status(error: Exception) -> int | str | None:
    """Return the HTTP status, or the name of the gRPC status."""
    if isinstance(error, UnexpectedResponse):
        return error.status_code
    if isinstance(error, ResourceExhaustedResponse):
        return 429
    code: Any = getattr(error, "code", None)  # grpc.RpcError
    return str(getattr(code(), "name", "")) if callable(code) else None


def _text(error: Exception) -> str:
    if isinstance(error, UnexpectedResponse):
        try:
            return str(error.structured()["status"]["error"])
        except (ValueError, KeyError, TypeError):
            return f"{error.status_code} {error.reason_phrase}"
    details: Any = getattr(error, "details", None)  # grpc.RpcError
    return str(details()) if callable(details) else str(error)
