"""Asks MCP clients for a name and a password: the page's own login does not cover that endpoint."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

MCP_PATH = "/gradio_api/mcp"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class McpGate:
    """ASGI middleware: requests below `MCP_PATH` need HTTP Basic credentials.

    Args:
        app: What comes after it.
        check: Whether a name and a password are right.
    """

    def __init__(self, app: App, *, check: Callable[[str, str], bool]) -> None:
        self._app = app
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 401."""
        if scope["type"] == "http" and _guards(str(scope["path"])) and not self._known(scope):
            headers = [
                (b"www-authenticate", b'Basic realm="searchapp", charset="UTF-8"'),
                (b"content-type", b"text/plain"),
            ]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b"A name and a password are needed (HTTP Basic)."})
            return
        await self._app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name.lower() == b"authorization":
                scheme, _, coded = value.partition(b" ")
                if scheme.lower() != b"basic":
                    return False
                try:
                    person, _, password = base64.b64decode(coded, validate=True).decode("utf-8").partition(":")
                except (binascii.Error, UnicodeDecodeError):
                    return False
                return self._check(person, password)
        return False


def _guards(path: str) -> bool:
    """Whether a path is the endpoint or below it, however many slashes it is written with."""
    tidy = "/" + "/".join(part for part in path.split("/") if part)
    return MCP_PATH in tidy
