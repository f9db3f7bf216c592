"""Test the guards in front of the real page, its endpoints, REST and MCP, from the view of an attacker on the network."""

from __future__ import annotations

import asyncio
import base64
import socket
from pathlib import Path

import httpx
import pytest

EVIL = {"Origin": "https://evil.example"}


@pytest.fixture(scope="module")
def address(demo_home: Path, serve) -> str:
    return serve(demo_home, mcp=True, hosts=("search.example.org",))


@pytest.fixture(scope="module")
def closed(demo_home: Path, serve) -> str:
    return serve(demo_home, read_only=True, mcp=True, users={"ada": "right"})


PATHS = ("/", "/config", "/gradio_api/info", "/v1/collections", "/health", "/gradio_api/mcp/", "/theme.css")


def test_a_rebound_name_is_not_answered(address: str) -> None:
    with httpx.Client(base_url=address) as http:
        for path in PATHS:
            answer = http.get(path, headers={"Host": "evil.example"})
            assert answer.status_code == 421, path
            assert "--allow-host evil.example" in answer.json()["error"]["message"]
            assert "access-control-allow-origin" not in answer.headers
        assert http.get("/health", headers={"Host": "search.example.org"}).status_code == 200


def test_other_sites_get_no_answer_and_no_leave_to_read_one(address: str) -> None:
    preflight = {**EVIL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with httpx.Client(base_url=address) as http:
        for path in PATHS:
            assert http.get(path, headers=EVIL).status_code == 403, path
            answer = http.options(path, headers=preflight)
            assert answer.status_code == 403, path
            assert "access-control-allow-origin" not in answer.headers
        for path, more in (
            ("/gradio_api/upload", {"files": {"files": ("a.jsonl", b"{}")}}),
            ("/gradio_api/run/search", {"json": {"data": ["tea"]}}),
            ("/gradio_api/mcp/", {"json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}}),
            ("/v1/search", {"json": {"query": "tea"}}),
            ("/gradio_api/queue/join", {"json": {}}),
        ):
            assert http.post(path, headers=EVIL, **more).status_code == 403, path
            assert http.post(path, headers={"Origin": "null"}, **more).status_code == 403, path
        own = http.post("/gradio_api/upload", headers={"Origin": address}, files={"files": ("a.jsonl", b"{}")})
        assert own.status_code == 200


def test_every_answer_forbids_frames_and_foreign_scripts(address: str, closed: str) -> None:
    for base, framed in ((address, "'self' https://search.example.org"), (closed, "'none'")):
        with httpx.Client(base_url=base) as http:
            for path in ("/", "/v1/collections", "/nothing"):
                headers = http.get(path).headers
                policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
                assert policy["frame-ancestors"] == framed
                assert policy["default-src"] == policy["connect-src"] == policy["base-uri"] == "'self'"
                assert policy["object-src"] == "'none'"
                assert headers["x-content-type-options"] == "nosniff"
                assert headers["referrer-policy"] == "same-origin"
                assert "server" not in headers
            assert ("x-frame-options" in http.get("/").headers) is (framed == "'none'")


def test_cancel_and_reset_need_a_login(closed: str) -> None:
    body = {"session_hash": "x", "fn_index": 0, "event_id": "y"}
    with httpx.Client(base_url=closed) as http:
        for path in ("/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/stream/y", "/gradio_api/heartbeat/x"):
            assert http.post(path, json=body).status_code == 401, path
        assert http.post("/login", data={"username": "ada", "password": "right"}).status_code == 200
        assert http.post("/gradio_api/reset", json={"event_id": "y"}).status_code == 200
        assert http.post("/gradio_api/cancel", json=body).status_code == 200


def test_the_rest_routes_take_the_same_name_and_password(closed: str) -> None:
    coded = base64.b64encode(b"ada:right").decode()
    with httpx.Client(base_url=closed) as http:
        assert http.get("/v1/collections").status_code == 401
        assert http.get("/v1/collections", headers={"Authorization": f"Basic {coded}"}).status_code == 200
        assert http.get("/health").status_code == 200


def test_guessing_a_password_is_slowed_down(demo_home: Path, serve) -> None:
    base = serve(demo_home, read_only=True, users={"ada": "right"})

    async def guess() -> list[int]:
        async with httpx.AsyncClient(base_url=base, timeout=60) as http:
            answers = await asyncio.gather(
                *(http.post("/login", data={"username": "ada", "password": f"guess {n}"}) for n in range(150))
            )
            return [answer.status_code for answer in answers]

    statuses = asyncio.run(guess())
    assert set(statuses) == {400, 429}
    assert 5 <= statuses.count(400) <= 12  # a few more where the machine takes seconds over it


def test_bodies_that_would_fill_the_memory_are_refused(address: str) -> None:
    large = b"a" * (5 * 2**20)
    with httpx.Client(base_url=address) as http:
        for path in ("/v1/search", "/login", "/gradio_api/queue/join", "/gradio_api/run/search", "/gradio_api/mcp/"):
            assert http.post(path, content=large).status_code == 413, path
        for path in ("/v1/search", "/gradio_api/queue/join"):
            assert http.post(path, content=(large for _ in range(2))).status_code == 413, path


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_sends_everything_first_gets_its_refusal(address: str, chunked: bool) -> None:
    url, block = httpx.URL(address), b"a" * 2**20
    with socket.create_connection((url.host, url.port), timeout=60) as http:
        host = f"Host: {url.host}\r\n".encode()
        if chunked:
            http.sendall(b"POST /v1/search HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(20):
                http.sendall(b"100000\r\n" + block + b"\r\n")
            http.sendall(b"0\r\n\r\n")
        else:
            http.sendall(b"POST /v1/search HTTP/1.1\r\n" + host + b"Content-Length: 20971520\r\n\r\n")
            for _ in range(20):
                http.sendall(block)
        assert http.recv(2**16).startswith(b"HTTP/1.1 413 ")
