"""Test hosts and origins: what another site may make a browser send."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from ui.guards.hosts import AllowedHosts, HostGuard, host_name

LOCAL = AllowedHosts.listening_on("127.0.0.1", ["search.example.org", "*.lab.example"])


async def inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def ask(*, host: str | None, origin: str | None = None, allowed: AllowedHosts = LOCAL) -> httpx.Response:
    async def asked() -> httpx.Response:
        headers = {"host": host or "", **({} if origin is None else {"origin": origin})}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(HostGuard(inner, allowed=allowed))) as client:
            return await client.post("http://127.0.0.1/gradio_api/upload", headers=headers)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:7860", "localhost", "LocalHost:7860", "app.localhost", "[::1]:7860", "127.8.9.1", "search.example.org",
     "SEARCH.example.org.:443", "a.lab.example"],
)  # fmt: skip
def test_loopback_and_configured_names_are_served(host: str) -> None:
    assert ask(host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost", "", "lab.example",
     "search.example.org.evil.example", "8.8.8.8", "0.0.0.0", "[::1", "[::1]x", "localhost:", "localhost:x", "a@localhost",
     "localhost/evil", "xn--80ak6aa92e.com"],
)  # fmt: skip
def test_other_hosts_are_refused_with_what_to_do(host: str) -> None:
    answer = ask(host=host)
    assert answer.status_code == 421
    message = answer.json()["error"]["message"]
    assert "--allow-host" in message or "expected a host name" in message


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:7860", "http://localhost:3000", "https://search.example.org", "https://b.lab.example"]
)
def test_pages_of_the_server_and_of_allowed_hosts_may_ask(origin: str) -> None:
    assert ask(host="127.0.0.1:7860", origin=origin).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "file://", "http://", "http://[", "https://127.0.0.1.evil.example", "chrome-extension://x",
     "https://search.example.org.evil.example", "https://search.example.org@evil.example", "javascript:alert(1)"],
)  # fmt: skip
def test_pages_of_other_sites_may_not(origin: str) -> None:
    assert ask(host="127.0.0.1:7860", origin=origin).status_code == 403


def test_two_different_origins_or_hosts_are_refused() -> None:
    for headers, status in (
        ([("host", "localhost"), ("origin", "http://localhost"), ("origin", "https://evil.example")], 403),
        ([("host", "localhost"), ("host", "evil.example")], 421),
    ):
        sent: list[Any] = []

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        scope = {"type": "http", "headers": [(name.encode(), value.encode()) for name, value in headers]}
        asyncio.run(HostGuard(inner, allowed=LOCAL)(scope, None, send))  # type: ignore[arg-type]
        assert sent[0]["status"] == status


def test_a_server_on_all_interfaces_is_reached_by_address_but_not_by_any_name() -> None:
    everywhere = AllowedHosts.listening_on("0.0.0.0")
    for host in ("192.168.1.5:7860", "[fe80::1]:7860", "localhost:7860"):
        assert ask(host=host, allowed=everywhere).status_code == 200
    assert ask(host="evil.example", allowed=everywhere).status_code == 421
    # an address as origin may be anybody's server, unlike an address as host
    assert ask(host="192.168.1.5:7860", origin="http://203.0.113.7", allowed=everywhere).status_code == 403
    assert ask(host="192.168.1.5:7860", origin="http://192.168.1.5:7860", allowed=everywhere).status_code == 200
    assert ask(host="evil.example", allowed=AllowedHosts.listening_on("127.0.0.1", ["*"])).status_code == 200


@pytest.mark.parametrize(("host", "name"), [("[::1]", "::1"), ("a:1", "a"), ("a", "a"), (":1", None), ("a:b:1", None)])
def test_the_port_is_no_part_of_the_name(host: str, name: str | None) -> None:
    assert host_name(host) == name
