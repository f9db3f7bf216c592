"""Check `Host` and `Origin`, so that other sites cannot reach the page through a visitor's browser.

Even a page that listens on 127.0.0.1 can be reached by every site that its user opens: through a name that the site's owner
points to 127.0.0.1 (DNS rebinding, visible in `Host`), or through a request from the site's page (visible in `Origin`).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from ui.guards.asgi import App, Receive, Scope, Send, header, refuse

WILDCARD = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
"""Addresses that mean all interfaces."""


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The names under which a server may be reached.

    Attributes:
        names: Names in lower case; `*.example.org` matches all names below `example.org`, `*` every name.
        addresses: Whether any IP address is allowed. Addresses are not resolved, so they cannot be rebound.
    """

    names: frozenset[str] = frozenset()
    addresses: bool = False

    @classmethod
    def listening_on(cls, host: str, names: Iterable[str] = ()) -> AllowedHosts:
        """Create the names needed by a server that listens on an address.

        Args:
            host: The address. One for all interfaces allows the machine's own name and every IP address.
            names: Additional names from `--allow-host`.
        """
        known = {name.strip().lower().rstrip(".") for name in names if name.strip()}
        if host in WILDCARD:
            return cls(frozenset(known | {socket.gethostname().lower()}), addresses=True)
        return cls(frozenset(known | {host.strip("[]").lower()}))

    def allows(self, name: str) -> bool:
        """Return whether a host name without its port is allowed.

        Args:
            name: Name or IP address; IPv6 without brackets.
        """
        tidy = name.lower().rstrip(".")
        if is_loopback(tidy) or tidy in self.names or "*" in self.names:
            return True
        if any(known.startswith("*.") and tidy.endswith(known[1:]) for known in self.names):
            return True
        return self.addresses and _is_address(tidy)

    def allows_origin(self, origin: str, host: str) -> bool:
        """Return whether pages of an origin may send requests: the server's own, a loopback or an allowed one.

        Args:
            origin: Value of the request's `Origin`.
            host: Value of the request's `Host`.
        """
        try:
            parts = urlsplit(origin)
            name = parts.hostname
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not name:
            return False
        if parts.netloc.lower() == host.lower():
            return True
        return is_loopback(name) or AllowedHosts(self.names).allows(name)


class HostGuard:
    """ASGI middleware that rejects requests for other hosts and from other origins.

    Args:
        app: ASGI application that answers the requests that pass.
        allowed: Names under which the server may be reached.
    """

    def __init__(self, app: App, *, allowed: AllowedHosts) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or reject it: 421 for the host, 403 for the origin."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        host = header(scope, b"host") or ""
        name = host_name(host)
        if name is None or not self._allowed.allows(name):
            await _refused(scope, send, 421, f"the host {host[:100]!r} is not served here; {_advice(name)}")
            return
        given = any(key.lower() == b"origin" for key, _ in scope["headers"])
        origin = header(scope, b"origin") or ""
        if given and not self._allowed.allows_origin(origin, host):
            origin_name = urlsplit(origin).hostname if origin.isprintable() and "[" not in origin else None
            await _refused(
                scope, send, 403, f"pages of {origin[:100]!r} may not ask this server; {_advice(origin_name)}"
            )
            return
        await self._app(scope, receive, send)


def host_name(host: str) -> str | None:
    """Return the host of a `Host` header without the port; None if it is invalid.

    Args:
        host: The header, such as `localhost:7860` or `[::1]:7860`.
    """
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        port = port.removeprefix(":") if port.startswith(":") or not port else "no"
        sound = bool(bracket)
    else:
        name, colon, port = host.partition(":")
        sound = not colon or bool(port)
    return name if sound and name and (not port or (port.isascii() and port.isdigit())) else None


def is_loopback(name: str) -> bool:
    """Return whether a host name is a loopback name.

    Args:
        name: Name or IP address; IPv6 without brackets.
    """
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _advice(name: str | None) -> str:
    return f"start it with --allow-host {name[:100]} if it should be" if name else "expected a host name"


async def _refused(scope: Scope, send: Send, status: int, message: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": message[:120]})
        return
    await refuse(send, status, message)
