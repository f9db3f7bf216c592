"""Test the REST routes: their responses, and that hostile requests get only our errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchapp.client import SearchClient
from searchapp.errors import InputError, StoreError
from searchapp.stores.opening import open_catalog
from ui.app import PageOptions
from ui.pool import HomePool
from ui.schema import read_request
from ui.serving import web_app

HOST = "testserver"
schemathesis.openapi.format("language", st.sampled_from(["de", "en", "th", "zh", "deu", "pt-BR", "German", "und"]))
QUIET = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def app(demo_home: Path) -> Iterator[Any]:
    catalog = open_catalog(home=demo_home)
    with HomePool(catalog, default="demo", open_client=lambda name: SearchClient(name, catalog=catalog)) as pool:
        yield web_app(pool, options=PageOptions(hosts=(HOST,)))
    catalog.close()


@pytest.fixture(scope="module")
def http(app: Any) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_the_routes_do_as_their_description_says(app: Any, http: TestClient) -> None:
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {operation.path for operation in operations} >= {"/search", "/collections", "/languages"}
    for operation in operations:

        @given(case=operation.as_strategy())
        @QUIET
        def routes(case: schemathesis.Case) -> None:
            answer = case.call_and_validate()
            ours(answer.status_code, answer.json())

        routes()


def ours(status: int, body: Any) -> None:
    """Fail unless the response is a result, or an error of ours with a message."""
    if status >= 400:
        assert set(body) == {"error"}
        assert body["error"]["message"].strip()
        assert body["error"]["type"] != "InternalError", body
        assert "Traceback" not in body["error"]["message"]
    assert status < 500, (status, body)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(alphabet="\u0301\ud800\x00a ")
    | st.just("tea"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    values=st.dictionaries(
        st.sampled_from(
            ["query", "collection", "languages", "mode", "limit", "offset", "balance", "debias", "fusion", "x"]
        ),
        ANYTHING,
    )
)
@QUIET
def test_any_body_gets_an_answer_or_our_error(http: TestClient, values: dict[str, Any]) -> None:
    answer = http.post("/v1/search", content=json.dumps(values).encode(), headers={"content-type": "application/json"})
    ours(answer.status_code, answer.json())


@given(
    data=st.lists(ANYTHING, max_size=12) | st.just(["tea", "", [], "hybrid", 10, 0, 0, 0, "default"]),
    name=st.sampled_from(["search", "languages", "collections"]),
)
@QUIET
def test_the_endpoints_of_the_page_never_answer_an_empty_error(http: TestClient, data: list[Any], name: str) -> None:
    answer = http.post(
        f"/gradio_api/run/{name}",
        content=json.dumps({"data": data}).encode(),
        headers={"content-type": "application/json"},
    )
    body = answer.json()
    if answer.status_code != 200:
        assert body.get("error") or body.get("detail"), body


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"limit": 1000}, "limit is 1000"),
        ({"limit": 0}, "limit is 0"),
        ({"limit": "many"}, "limit is 'many'"),
        ({"languages": 5}, "languages is 5"),
        ({"languages": ["de", "\x1b[2J"]}, "languages"),
        ({"query": None}, "query is None"),
        ({"query": "  "}, "empty"),
        ({"balance": float("nan")}, "balance"),
        ({"mode": "magic"}, "mode is 'magic'"),
        ({"collection": {}}, "collection"),
        ({"limit": "5"}, "limit is '5'"),
        ({"limit": True}, "limit is True"),
        ({"offset": "1"}, "offset is '1'"),
        ({"per_language": False}, "per_language is False"),
        ({"balance": "0.5"}, "balance is '0.5'"),
        ({"balance": True}, "balance is True"),
    ],
)
def test_wrong_values_are_named_on_rest_and_on_the_pages_endpoint(
    http: TestClient, wrong: dict[str, Any], said: str
) -> None:
    body = {"query": "tea", **wrong}
    answer = http.post("/v1/search", content=json.dumps(body).encode(), headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]
    order = ["query", "collection", "languages", "mode", "limit", "offset", "balance", "per_language", "debias"]
    usual = ["tea", "", [], "hybrid", 10, 0, 0.0, 0, "default"]
    data = [body.get(name, value) for name, value in zip(order, usual, strict=True)]
    answer = http.post(
        "/gradio_api/run/search",
        content=json.dumps({"data": data}).encode(),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 500
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    ("route", "body", "said"),
    [
        ("search", {"query": "tea", "debias": "yes"}, "debias is 'yes'"),
        ("search", {"query": "tea", "debias": 1}, "debias is 1"),
        ("rerank", {"query": "tea", "documents": ["a"], "top_n": "3"}, "top_n is '3'"),
        ("rerank", {"query": "tea", "documents": ["a"], "return_documents": "on"}, "return_documents is 'on'"),
        ("embeddings", {"input": [5]}, "input"),
    ],
)
def test_bodies_are_not_converted_from_other_types(
    http: TestClient, route: str, body: dict[str, Any], said: str
) -> None:
    answer = http.post(f"/v1/{route}", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]


def test_a_whole_number_may_be_written_with_a_point(http: TestClient) -> None:
    answer = http.post("/v1/search", json={"query": "tea", "limit": 2.0})
    assert (answer.status_code, len(answer.json()["hits"])) == (200, 2)
    assert http.post("/v1/search", json={"query": "tea", "limit": 2.5}).status_code == 422


def test_addresses_are_text_and_are_converted(http: TestClient) -> None:
    answer = http.get("/v1/search?query=tea&limit=2&debias=false&balance=1")
    assert (answer.status_code, len(answer.json()["hits"])) == (200, 2)


def test_a_third_is_a_balance(http: TestClient) -> None:
    assert read_request({"query": "tea", "balance": 1 / 3}).ranking.balance == 1 / 3
    assert http.get("/v1/search", params={"query": "tea", "balance": 1 / 3}).status_code == 200


def test_a_search_by_address_and_by_body_is_the_same(http: TestClient) -> None:
    by_address = http.get(
        "/v1/search", params={"query": "光合作用", "languages": ["ja", "fr"], "limit": 3, "mode": "dense"}
    ).json()
    by_body = http.post(
        "/v1/search", json={"query": "光合作用", "languages": ["ja", "fr"], "limit": 3, "mode": "dense"}
    ).json()
    assert by_address["hits"] == by_body["hits"]
    assert len(by_body["hits"]) == 3
    assert {hit["language"] for hit in by_body["hits"]} <= {"ja", "fr"}
    assert http.get("/v1/search", params={"query": "tea", "colection": "demo"}).status_code == 422


def test_health_and_unknown_routes(http: TestClient) -> None:
    assert http.get("/health").json()["status"] == "ok"
    missing = http.get("/v1/search", params={"query": "tea", "collection": "nothing"})
    assert (missing.status_code, missing.json()["error"]["type"]) == (404, "CollectionNotFoundError")
    assert http.delete("/v1/search").json()["error"]["message"] == "Method Not Allowed"


def test_nothing_tells_where_the_server_keeps_its_things(
    app: Any, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encoder that is a folder, notes with passwords and errors with paths, none of which may appear in responses."""
    secret = "http://ada:hunter2@writer.lan/v1"
    manifest, search = SearchClient.manifest, SearchClient.search

    monkeypatch.setattr(
        SearchClient, "manifest", lambda self: replace(manifest(self), encoder=str(demo_home / "model"))
    )
    monkeypatch.setattr(
        SearchClient,
        "search",
        lambda self, *a, **k: replace(search(self, *a, **k), notes=(f"{secret} and {demo_home} failed",)),
    )
    with TestClient(app, raise_server_exceptions=False) as http:
        said = [http.get("/v1/collections").text, http.get("/v1/search", params={"query": "tea"}).text]
        said += [http.post("/gradio_api/run/collections", json={"data": []}).text]
        said += [
            http.post("/gradio_api/run/search", json={"data": ["tea", "", [], "hybrid", 10, 0, 0, 0, "default"]}).text
        ]

        def broken(self: SearchClient, *a: Any, **k: Any) -> Any:
            raise StoreError(f"{demo_home}/shard cannot be read; {secret}")

        monkeypatch.setattr(SearchClient, "search", broken)
        failed = http.get("/v1/search", params={"query": "tea"})
        said += [
            failed.text,
            http.post("/gradio_api/run/search", json={"data": ["tea", "", [], "hybrid", 10, 0, 0, 0, "default"]}).text,
        ]
        assert failed.status_code == 503

        def bug(self: SearchClient, *a: Any, **k: Any) -> Any:
            raise RuntimeError(f"{demo_home} {secret}")

        monkeypatch.setattr(SearchClient, "search", bug)
        failed = http.get("/v1/search", params={"query": "tea"})
        said += [
            failed.text,
            http.post("/gradio_api/run/search", json={"data": ["tea", "", [], "hybrid", 10, 0, 0, 0, "default"]}).text,
        ]
        assert failed.json()["error"]["type"] == "InternalError"
    for text in said:
        assert "hunter2" not in text
        assert str(demo_home) not in text
    assert "…/model" in json.loads(said[0])[0]["encoder"]


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(InputError, match=r"mode is 'x': .*; limit is 0: "):
        read_request({"query": "tea", "limit": 0, "mode": "x"})


def test_responses_are_small_json(http: TestClient) -> None:
    answer: httpx.Response = http.get("/v1/languages")
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.json()) == 13
