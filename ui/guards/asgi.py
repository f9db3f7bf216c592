"""Define ASGI types and the error responses that all guards send."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str | None:
    """Read a request header; None if it is missing or sent twice with different values.

    Args:
        scope: ASGI scope of the request.
        name: Name of the header in lower case.
    """
    found = {bytes(value) for key, value in scope["headers"] if key.lower() == name}
    return found.pop().decode("latin-1") if len(found) == 1 else None


async def refuse(
    send: Send, status: int, message: str, *, headers: Sequence[tuple[bytes, bytes]] = (), kind: str = "Refused"
) -> None:
    """Respond to a request with an error, as JSON in the format of the REST routes' errors.

    Args:
        send: ASGI function that sends the response.
        status: HTTP status code.
        message: What is wrong and what to do.
        headers: Additional response headers.
        kind: Type of the error.
    """
    body = json.dumps({"error": {"type": kind, "message": message}, "detail": message}).encode("utf-8")
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
