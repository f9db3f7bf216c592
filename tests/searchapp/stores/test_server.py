from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from qdrant_client import QdrantClient, models

from searchapp.datatypes import SparseVector
from searchapp.errors import SearchAppError, StorageFullError, StoreError
from searchapp.stores import server_catalog, server_errors
from searchapp.stores.base import Point, StoreSpec
from searchapp.stores.manifest import Manifest
from searchapp.stores.server import ServerStore
from searchapp.stores.server_catalog import ServerCatalog, connect
from searchapp.stores.server_manifests import MANIFESTS

EMPTY = {"result": {"collections": []}, "status": "ok", "time": 0.0}
Answers = Callable[[int], tuple[int, dict[str, object]]]


class Fake:
    """An HTTP server that gives the n-th request a prepared response."""

    def __init__(self, answers: Answers) -> None:
        self.requests = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                fake.requests += 1
                status, body = answers(fake.requests)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def serve() -> Iterator[Callable[[Answers], Fake]]:
    running: list[Fake] = []

    def start(answers: Answers) -> Fake:
        running.append(Fake(answers))
        return running[-1]

    yield start
    for fake in running:
        fake.server.shutdown()
        fake.server.server_close()


def error(text: str) -> dict[str, object]:
    return {"status": {"error": text}, "time": 0.0}


def point() -> Point:
    return Point(
        "6d7b1c7e-9a55-5f0e-8b1b-2f6f0c6a9d11", np.ones(4, np.float32), SparseVector((1,), (1.0,)), {"language": "de"}
    )


def manifest(version: str) -> Manifest:
    return Manifest(
        collection="docs", version=version, encoder="e", fingerprint="f", dimension=4, points=1, languages={"de": 1}
    )


@pytest.mark.parametrize("prefer_grpc", [False, True])
def test_an_unreachable_server_is_named(prefer_grpc: bool) -> None:
    with pytest.raises(StoreError, match=r"http://127\.0\.0\.1:9: .*check QDRANT_URL"):
        connect("http://127.0.0.1:9", prefer_grpc=prefer_grpc, timeout=2)


def test_a_refused_key_is_not_tried_again(serve: Callable[[Answers], Fake]) -> None:
    fake = serve(lambda number: (401, error("Must provide an API key")))
    with pytest.raises(StoreError, match=r"refuses the key.*QDRANT_API_KEY"):
        connect(fake.url)
    assert fake.requests == 1


def test_a_busy_server_is_asked_again(serve: Callable[[Answers], Fake]) -> None:
    fake = serve(lambda number: (503, error("starting")) if number < 3 else (200, EMPTY))
    connect(fake.url).close()
    assert fake.requests == 3
    busy = serve(lambda number: (503, error("starting")))
    with pytest.raises(StoreError, match=r"not available.*try again"):
        connect(busy.url)
    assert busy.requests == server_errors.ATTEMPTS


def test_a_silent_server_is_waited_for_once(serve: Callable[[Answers], Fake]) -> None:
    release = threading.Event()

    def silent(number: int) -> tuple[int, dict[str, object]]:
        release.wait()
        return 200, EMPTY

    fake = serve(silent)
    with pytest.raises(StoreError, match="did not answer in time"):
        connect(fake.url, timeout=1)
    release.set()
    assert fake.requests == 1


def test_what_the_server_says_reaches_the_user(serve: Callable[[Answers], Fake]) -> None:
    fake = serve(lambda number: (500, error("Service internal error: No space left on device: WAL buffer size")))
    client = QdrantClient(url=fake.url, check_compatibility=False)
    store = ServerStore(client, "docs__v1", place=fake.url)
    with pytest.raises(StorageFullError, match=f"{fake.url}/docs__v1: the server's disk is full"):
        store.upsert([point()])
    wrong = serve(lambda number: (400, error("Wrong input: Vector dimension error: expected dim: 8, got 4")))
    client = QdrantClient(url=wrong.url, check_compatibility=False)
    with pytest.raises(StoreError, match="expected dim: 8, got 4"):
        ServerStore(client, "docs__v1", place=wrong.url).upsert([point()])


def test_a_change_made_elsewhere_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    client = QdrantClient(":memory:")
    here, elsewhere = ServerCatalog(client), ServerCatalog(client)
    for version in ("v1", "v2"):
        elsewhere.create("docs", version, StoreSpec(dimension=4))
        elsewhere.complete("docs", version, manifest(version))
    elsewhere.activate("docs", "v1")
    assert here.live_version("docs") == "v1"
    elsewhere.activate("docs", "v2")
    assert elsewhere.live_version("docs") == "v2", "at once where the change was made"
    assert here.live_version("docs") == "v1", "a little later elsewhere, without a request per query"
    monkeypatch.setattr(server_catalog, "FRESH_SECONDS", 0.0)
    assert here.live_version("docs") == "v2"


def test_other_aliases_and_damaged_manifests_do_no_harm() -> None:
    client = QdrantClient(":memory:")
    catalog = ServerCatalog(client)
    for version in ("v1", "v2"):
        catalog.create("docs", version, StoreSpec(dimension=4))
        catalog.complete("docs", version, manifest(version))
        catalog.activate("docs", version)
    client.create_collection("theirs__x", vectors_config={})
    alias = models.CreateAlias(collection_name="theirs__x", alias_name="current")
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])
    assert catalog.collections() == ["docs"]
    records, _ = client.scroll(MANIFESTS)
    damaged = next(record for record in records if record.payload and record.payload["version"] == "v2")
    client.set_payload(MANIFESTS, {"manifest": "{not json"}, [damaged.id])
    assert [info.version for info in catalog.versions("docs")] == ["v1"]
    with pytest.raises(SearchAppError, match="no complete version 'v2'"):
        catalog.open("docs")
    catalog.activate("docs", "v1")
    assert catalog.open("docs")[1].version == "v1"


def test_without_the_client_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['qdrant_client'] = None\n"
        "from searchapp.errors import MissingExtraError\n"
        "from searchapp.stores.opening import open_catalog\n"
        "try:\n    open_catalog(url='http://x')\nexcept MissingExtraError as error:\n    print(error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "searchapp[server]" in answer.stdout
