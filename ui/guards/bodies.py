"""Bounds the bodies of requests: a server holds them in memory before anybody looks at them."""

from __future__ import annotations

from contextlib import suppress

from ui.guards.asgi import App, Message, Receive, Scope, Send, header, refuse

MAX_BODY = 4 * 2**20
"""Bytes of a request that uploads no file."""

UPLOADS = "/gradio_api/upload"


class _TooLargeError(Exception):
    """A body goes on after its bound."""


class BodyLimit:
    """ASGI middleware: refuses requests whose bodies are too large, by what they announce or by what they send.

    Args:
        app: What comes after it.
        upload: Bytes that a request which uploads files may have.
        most: Bytes that any other request may have.
    """

    def __init__(self, app: App, *, upload: int, most: int = MAX_BODY) -> None:
        self._app = app
        self._upload = upload
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._upload if scope["path"] == UPLOADS else self._most
        announced = header(scope, b"content-length") or ""
        if announced.isascii() and announced.isdigit() and (len(announced) > 15 or int(announced) > limit):
            await _refused(send, limit)
            return
        read, begun = 0, False

        async def received() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _TooLargeError
            return message

        async def sent(message: Message) -> None:
            nonlocal begun
            if read <= limit:
                begun = begun or message["type"] == "http.response.start"
                await send(message)

        with suppress(_TooLargeError):  # answered below; where an answer had begun, there is nobody to tell
            await self._app(scope, received, sent)
        if read > limit and not begun:
            await _refused(send, limit)


async def _refused(send: Send, limit: int) -> None:
    """Answer 413 without closing the connection: the server discards the rest of the body.

    Closing it with a part of the body unread resets it, and the client, which is still sending, never reads the answer.
    """
    await refuse(send, 413, f"the request's body is larger than {limit / 2**20:,.0f} MiB, which is the limit")
