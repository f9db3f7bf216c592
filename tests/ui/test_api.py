"""Test the endpoints with the clients that people use: gradio_client, plain HTTP, and MCP."""

from __future__ import annotations

import ast
import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

USERS = 32
QUERIES = {
    "warum leuchten Polarlichter grün": "aurora-de",
    "من بنى أهرامات الجيزة؟": "giza-pyramids-ar",
    "光合作用": "photosynthesis-zh",
}


@pytest.fixture(scope="module")
def address(demo_home: Path, serve) -> str:
    return serve(demo_home, read_only=True, mcp=True)


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def closed(demo_home: Path, serve) -> str:
    return serve(demo_home, read_only=True, mcp=True, users={"ada": "päss:word"})


def test_search_gives_typed_hits_and_languages(client: Client) -> None:
    found = client.predict(query="warum leuchten Polarlichter grün", limit=3, api_name="/search")
    assert found["languages"] == ["de"]
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    first = found["hits"][0]
    assert (first["document_id"], first["language"], first["payload"]) == ("aurora-de", "de", {"topic": "aurora"})
    assert first["scores"]["dense"] == pytest.approx(first["score"], abs=0.2)
    assert sum(share["count"] for share in found["report"]["languages"]) == 3
    assert len(found["report"]["languages"]) == 13
    assert found["report"]["languages"][0]["verdict"] in ("over", "under", "unclear")


def test_search_takes_its_settings(client: Client) -> None:
    found = client.predict(
        query="photosynthesis", languages=["ja", "fr"], mode="dense", limit=4, offset=1, api_name="/search"
    )
    assert found["mode"] == "dense"
    assert {hit["language"] for hit in found["hits"]} <= {"ja", "fr"}
    assert found["hits"][0]["rank"] == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"query": "  "}, "empty"),
        ({"query": "tea", "mode": "magic"}, "mode is 'magic'"),
        ({"query": "tea", "limit": 100_000}, "limit"),
        ({"query": "tea", "collection": "../etc"}, "etc"),
        ({"query": "tea", "balance": 7}, "balance"),
    ],
)
def test_what_cannot_be_searched_is_a_clear_error(client: Client, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(AppError, match=said):
        client.predict(**wrong, api_name="/search")


def test_languages_and_collections_are_listed(client: Client) -> None:
    counts = {row["language"]: row["passages"] for row in client.predict(api_name="/languages")}
    assert len(counts) == 13
    (collection,) = client.predict(api_name="/collections")
    assert collection["name"] == "demo"
    assert collection["passages"] == sum(counts.values())
    assert collection["encoder"] == "builtin"


def test_only_the_three_endpoints_are_public_and_described(client: Client) -> None:
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert sorted(endpoints) == ["/collections", "/languages", "/search"]
    assert "any language" in endpoints["/search"]["description"]
    parameters = {row["parameter_name"]: row for row in endpoints["/search"]["parameters"]}
    assert parameters["limit"]["parameter_default"] == 10
    assert not client.view_api(return_format="dict")["unnamed_endpoints"]


def test_thirty_two_users_at_once_all_get_their_answer(address: str) -> None:
    def use(user: int) -> int:
        with httpx.Client(base_url=address, timeout=60) as http:
            for turn in range(3):
                query, wanted = list(QUERIES.items())[(user + turn) % len(QUERIES)]
                answer = http.post(
                    "/gradio_api/run/search", json={"data": [query, "", [], "hybrid", 10, 0, 0, 0, "default"]}
                )
                assert answer.status_code == 200
                (found,) = answer.json()["data"]
                assert found["query"] == query
                topic, _, _ = found["hits"][0]["document_id"].rpartition("-")  # whichever language of it comes first
                assert topic == wanted.rpartition("-")[0]
        return user

    with ThreadPoolExecutor(USERS) as users:
        assert list(users.map(use, range(USERS))) == list(range(USERS))


async def ask_over_mcp(address: str, *, headers: dict[str, str] | None = None) -> tuple[dict[str, Any], Any]:
    async with (
        streamablehttp_client(f"{address}/gradio_api/mcp/", headers=headers) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        result = await session.call_tool("search", {"query": "من بنى أهرامات الجيزة؟", "limit": 2})
        assert not result.isError
        return tools, ast.literal_eval(result.content[0].text)


def test_an_mcp_client_finds_and_uses_the_tools(address: str) -> None:
    tools, found = asyncio.run(ask_over_mcp(address))
    assert sorted(tools) == ["collections", "languages", "search"]
    assert "any language" in tools["search"].description
    assert tools["search"].inputSchema["properties"]["limit"]["type"] == "integer"
    assert "BCP 47" in tools["search"].inputSchema["properties"]["languages"]["description"]
    assert found["hits"][0]["document_id"] == "giza-pyramids-ar"


def refused(error: BaseException) -> bool:
    inner = getattr(error, "exceptions", ())
    return (isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 401) or any(map(refused, inner))


def test_mcp_needs_credentials_where_the_page_does(closed: str) -> None:
    coded = base64.b64encode("ada:päss:word".encode()).decode()
    _, found = asyncio.run(ask_over_mcp(closed, headers={"Authorization": f"Basic {coded}"}))
    assert found["hits"]
    wrong = base64.b64encode(b"ada:nope").decode()
    for headers in (
        None,
        {"Authorization": f"Basic {wrong}"},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer x"},
    ):
        with pytest.raises(BaseException) as error:
            asyncio.run(ask_over_mcp(closed, headers=headers))
        assert refused(error.value)


def test_nothing_is_told_before_login(closed: str) -> None:
    with httpx.Client(base_url=closed) as http:
        for path in (
            "/config",
            "/gradio_api/info",
            "/gradio_api/mcp/schema",
            "//gradio_api//mcp/",
            "/gradio_api/openapi.json",
        ):
            assert http.get(path).status_code in (401, 404), path
        assert http.post("/gradio_api/run/collections", json={"data": []}).status_code == 401
        assert http.post("/gradio_api/upload", files={"files": ("a.jsonl", b"{}")}).status_code == 401
        assert "builtin" not in http.get("/").text
        assert http.post("/login", data={"username": "ada", "password": "wrong"}).status_code == 400
        assert http.post("/login", data={"username": "ada", "password": "päss:word"}).status_code == 200
        assert http.post("/gradio_api/run/collections", json={"data": []}).status_code == 200
    assert Client(closed, auth=("ada", "päss:word"), verbose=False).predict(api_name="/collections")


def test_server_files_are_not_served(address: str, demo_home: Path) -> None:
    manifest = next(demo_home.rglob("manifest.json"))
    with httpx.Client(base_url=address) as http:
        for path in ("/etc/passwd", str(manifest), str(Path(__file__))):
            assert http.get(f"/gradio_api/file={path}").status_code in (403, 404)
