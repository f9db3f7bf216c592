from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import build, documents

from searchapp.client import SearchClient
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import CollectionNotFoundError, SearchAppError
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.testing import temporary_client
from ui.pool import ClientPool, HomePool


def test_collections_are_opened_once_each_and_found_when_they_appear(home: Path) -> None:
    build(home, documents(), collection="one")
    catalog, opened = EdgeCatalog(home), Counter[str]()
    gate = threading.Barrier(8)

    def open_client(name: str) -> SearchClient:
        opened[name] += 1
        return SearchClient(name, catalog=catalog, encoder=HashingEncoder())

    with HomePool(catalog, default="demo", open_client=open_client) as pool:
        assert pool.names() == ["one"]
        assert pool.default == "one"

        def use(_: int) -> str:
            gate.wait(5)
            return pool.client().search("sunlight").collection

        with ThreadPoolExecutor(8) as users:
            assert set(users.map(use, range(8))) == {"one"}
        assert opened == {"one": 1}
        build(home, documents(), collection="demo")
        assert pool.names() == ["demo", "one"]
        assert pool.default == "demo"
        assert pool.client("demo").collection == "demo"
        catalog.delete_collection("one")
        with pytest.raises(CollectionNotFoundError):
            pool.client("one")
    with pytest.raises(SearchAppError, match="shutting down"):
        pool.client("demo")


def test_an_empty_home_has_no_default(home: Path) -> None:
    def open_client(name: str) -> SearchClient:
        raise AssertionError

    with HomePool(EdgeCatalog(home), default="demo", open_client=open_client) as pool:
        assert pool.names() == []
        with pytest.raises(CollectionNotFoundError):
            pool.client()


def test_one_client_is_a_pool_of_its_collection() -> None:
    with temporary_client(["tea"]) as client:
        pool = ClientPool(client)
        assert pool.names() == ["test"]
        assert pool.client() is pool.client("test") is client
        with pytest.raises(CollectionNotFoundError):
            pool.client("other")


def test_one_collection_can_be_published_alone() -> None:
    class Catalog:
        def collections(self) -> list[str]:
            return ["a", "b"]

        def live_version(self, name: str) -> str:
            return "v"

    opened: list[str] = []

    def open_client(name: str) -> SearchClient:
        opened.append(name)
        raise AssertionError

    with HomePool(Catalog(), default="b", open_client=open_client, alone=True) as pool:  # type: ignore[arg-type]
        assert pool.names() == ["b"]
        assert pool.default == "b"
        with pytest.raises(CollectionNotFoundError, match="available: 'b'"):
            pool.client("a")
        assert opened == []
