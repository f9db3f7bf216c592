"""Require a login for everything except the login page, and slow down password guessing."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from math import ceil

from starlette.requests import cookie_parser

from ui.guards.asgi import App, Message, Receive, Scope, Send, header, refuse
from ui.guards.attempts import DELAY, Attempts

OPEN = frozenset(
    (
        "/", "/login", "/login/", "/logout", "/health", "/theme.css", "/favicon.ico", "/manifest.json", "/robots.txt",
        "/gradio_api/theme.css", "/gradio_api/startup-events", "/gradio_api/login_check", "/gradio_api/user",
    )
)  # fmt: skip
"""Paths available before a login: the login itself and the files of its page."""
OPEN_BELOW = ("/assets/", "/static/", "/pwa_icon/")
BASIC_BELOW = ("/v1/", "/metrics", "/gradio_api/mcp", "/mcp/")
"""Routes for programs, which use HTTP Basic credentials and are told so."""


class LoginGuard:
    """ASGI middleware that requires a session or HTTP Basic credentials for everything except the login page.

    Args:
        app: ASGI application that answers the requests that pass.
        check: Returns whether a name and a password are valid.
        session: Returns the user of a request's cookies, or None.
        attempts: Counts the failed logins of each address.
        sleep: Waits before the response to a wrong password.
    """

    def __init__(
        self,
        app: App,
        *,
        check: Callable[[str, str], bool],
        session: Callable[[dict[str, str]], str | None],
        attempts: Attempts | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._check = check
        self._session = session
        self._attempts = attempts or Attempts()
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or reject it: 401 without credentials, 429 after too many wrong ones."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] in ("/login", "/login/") and scope["method"] == "POST":
            await self._log_in(scope, receive, send)
        elif _is_open(scope) or self._session(_cookies(scope)) is not None:
            await self._app(scope, receive, send)
        else:
            await self._basic(scope, receive, send)

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = _address(scope)
        if wait := self._attempts.begin(address):
            await _too_many(send, wait)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] < 400:
                    self._attempts.succeeded(address)
                else:
                    await self._sleep(DELAY)
            await send(message)

        await self._app(scope, receive, sent)

    async def _basic(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks = [(b"www-authenticate", b'Basic realm="searchapp", charset="UTF-8"')] if _takes_basic(scope) else []
        given = _credentials(scope)
        if given is None:
            await refuse(
                send, 401, "log in, or send a name and a password (HTTP Basic)", headers=asks, kind="NotLoggedIn"
            )
            return
        address = _address(scope)
        if wait := self._attempts.begin(address):
            await _too_many(send, wait)
        elif self._check(*given):
            self._attempts.succeeded(address)
            await self._app(scope, receive, send)
        else:
            await self._sleep(DELAY)
            await refuse(send, 401, "the name or the password is wrong", headers=asks, kind="NotLoggedIn")


def _is_open(scope: Scope) -> bool:
    path = str(scope["path"])
    return path in OPEN or path.startswith(OPEN_BELOW)


def _takes_basic(scope: Scope) -> bool:
    tidy = "/" + "/".join(part for part in str(scope["path"]).split("/") if part)
    return f"{tidy}/".startswith(BASIC_BELOW)


def _cookies(scope: Scope) -> dict[str, str]:
    return cookie_parser(header(scope, b"cookie") or "")


def _credentials(scope: Scope) -> tuple[str, str] | None:
    """Return the name and the password of a request; None if it has no valid credentials."""
    scheme, _, coded = (header(scope, b"authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (name, password) if colon else None


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


async def _too_many(send: Send, wait: float) -> None:
    seconds = ceil(wait)
    await refuse(
        send,
        429,
        f"too many wrong passwords; try again in {seconds} s",
        headers=[(b"retry-after", str(seconds).encode())],
        kind="TooManyAttempts",
    )
