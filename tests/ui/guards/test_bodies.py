"""Bodies of requests: as large as they need to be, whatever they announce."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ui.guards.bodies import BodyLimit


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """Read the whole body, and answer an error of its own when that fails, as frameworks do."""
    size, more, status = 0, True, 200
    try:
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message.get("more_body", False)
    except Exception:
        status = 400
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


async def raising(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body", False):
        pass


def post(path: str, size: int, *, app: Any = inner, announced: bool = True, length: str = "") -> httpx.Response:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(size // 50):
            yield b"x" * 50

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(BodyLimit(app, upload=1000, most=100))
        async with httpx.AsyncClient(transport=transport) as client:
            headers = {"content-length": length} if length else {}
            content = b"x" * size if announced else chunks()
            return await client.post(f"http://127.0.0.1{path}", content=content, headers=headers)

    return asyncio.run(asked())


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_up_to_the_limit_is_read(announced: bool) -> None:
    assert post("/v1/search", 100, announced=announced).text == "100"
    assert post("/gradio_api/upload", 1000, announced=announced).text == "1000"


@pytest.mark.parametrize("app", [inner, raising])
@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("path", "size"), [("/v1/search", 150), ("/login", 150), ("/gradio_api/upload", 1050)])
def test_a_larger_body_is_refused(path: str, size: int, announced: bool, app: Any) -> None:
    answer = post(path, size, announced=announced, app=app)
    assert answer.status_code == 413
    assert "larger than" in answer.json()["error"]["message"]


def test_a_body_larger_than_it_says_is_refused() -> None:
    assert post("/v1/search", 5000, length="50").status_code == 413
    assert post("/v1/search", 50, length="9" * 5000).status_code == 413
