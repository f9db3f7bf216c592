"""Add response headers against framing by other sites and injected scripts."""

from __future__ import annotations

from collections.abc import Iterable

from ui.guards.asgi import App, Message, Receive, Scope, Send

POLICY = {
    "default-src": "'self'",
    # Gradio starts with inline scripts and creates the blocks' own scripts with `new Function`.
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}


def security_headers(frames: Iterable[str] = ()) -> list[tuple[bytes, bytes]]:
    """Create the headers.

    Args:
        frames: Host names whose pages may show this one in a frame; none by default.
    """
    named = sorted(name for name in frames if name != "*")
    ancestors = " ".join(["'self'", *(f"https://{name}" for name in named)]) if named else "'none'"
    policy = "; ".join(f"{name} {value}" for name, value in (POLICY | {"frame-ancestors": ancestors}).items())
    found = [
        (b"content-security-policy", policy.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]
    return found if named else [*found, (b"x-frame-options", b"DENY")]


class SecurityHeaders:
    """ASGI middleware that adds the headers to every response.

    Args:
        app: ASGI application that answers the requests.
        headers: Headers from `security_headers`.
    """

    def __init__(self, app: App, *, headers: list[tuple[bytes, bytes]]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the response."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in self._headers}
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in own]
                message["headers"] = [*kept, *self._headers]
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)
