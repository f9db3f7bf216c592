"""Test faults seen on real servers and clusters (strict mode, dead nodes, lost responses) with doubles of the client."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from searchapp.datatypes import SparseVector
from searchapp.errors import ConfigurationError, StoreError, redacted
from searchapp.options import Ranking
from searchapp.search.hybrid import FusionSettings, HybridSearch
from searchapp.search.retriever import Retriever
from searchapp.stores import server_errors
from searchapp.stores.base import DENSE, Catalog, Point, Replication, StoreSpec
from searchapp.stores.manifest import Manifest
from searchapp.stores.server_catalog import ServerCatalog, connect
from searchapp.stores.server_cluster import raise_replicas
from searchapp.stores.server_connection import Failover, addresses
from searchapp.stores.server_errors import mapped
from searchapp.stores.server_values import split

AWAY = "Service internal error: 1 of 1 read operations failed: code: 'The service is currently unavailable', tcp connect error"


def answer(status: int, text: str) -> UnexpectedResponse:
    """Create the error that the client raises for a response of the server."""
    content = json.dumps({"status": {"error": text}}).encode()
    return UnexpectedResponse(status_code=status, reason_phrase="", content=content, headers=httpx.Headers())


class Strict(QdrantClient):
    """A server in strict mode, like Qdrant Cloud: it filters by indexed fields only, in reads and deletions."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.indexed: set[tuple[str, str]] = set()

    def create_payload_index(self, collection_name: str, field_name: str, *args: Any, **kwargs: Any) -> Any:
        self.indexed.add((collection_name, field_name))
        return super().create_payload_index(collection_name, field_name, *args, **kwargs)

    def scroll(self, collection_name: str, scroll_filter: Any = None, **kwargs: Any) -> Any:
        self._check(collection_name, scroll_filter)
        return super().scroll(collection_name, scroll_filter, **kwargs)

    def delete(self, collection_name: str, points_selector: Any, **kwargs: Any) -> Any:
        self._check(collection_name, getattr(points_selector, "filter", None))
        return super().delete(collection_name, points_selector, **kwargs)

    def query_points(self, collection_name: str, **kwargs: Any) -> Any:
        self._check(collection_name, kwargs.get("query_filter"))
        return super().query_points(collection_name, **kwargs)

    def facet(self, collection_name: str, *args: Any, **kwargs: Any) -> Any:
        self._check(collection_name, kwargs.get("facet_filter"))
        return super().facet(collection_name, *args, **kwargs)

    def _check(self, collection: str, condition: models.Filter | None) -> None:
        for part in condition.must or [] if condition else []:
            for field in part.should if isinstance(part, models.Filter) else [part]:
                if (collection, field.key) not in self.indexed:
                    raise answer(
                        400,
                        f'Bad request: Index required but not found for "{field.key}" of one of the following types',
                    )


def manifest(version: str) -> Manifest:
    return Manifest(
        collection="docs", version=version, encoder="e", fingerprint="f", dimension=4, points=1, languages={"de": 1}
    )


def points(count: int, *, text: str = "x") -> list[Point]:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((count, 4)).astype(np.float32)
    return [
        Point(
            f"00000000-0000-5000-8000-{row:012d}",
            vectors[row],
            SparseVector((row % 3,), (1.0 + row / 100,)),
            {"language": "de" if row % 2 else "en", "text": text, "metadata": {"topic": "tea"}},
        )
        for row in range(count)
    ]


def test_strict_servers_get_indexes_on_every_field_that_the_product_filters_by() -> None:
    client = Strict()
    catalog = ServerCatalog(client)
    for version in ("v1", "v2"):
        store = catalog.create("docs", version, StoreSpec(dimension=4))
        store.upsert(points(4))
        catalog.attach("docs", version, "debias.npz", b"data")
        catalog.complete("docs", version, manifest(version))
        catalog.activate("docs", version)
    catalog.delete_version("docs", "v1")
    assert [info.version for info in catalog.versions("docs")] == ["v2"]
    assert catalog.attachment("docs", "v2", "debias.npz") == b"data"
    with pytest.raises(StoreError, match=r"no debias\.npz"):
        catalog.attachment("docs", "v1", "debias.npz")
    catalog.delete_collection("docs")
    assert catalog.collections() == []


def test_a_filter_without_an_index_names_the_flag() -> None:
    catalog = ServerCatalog(Strict())
    store = catalog.create("docs", "v1", StoreSpec(dimension=4))
    store.upsert(points(4))
    with pytest.raises(StoreError, match=r"'topic' has no index; .*--index-field topic"):
        store.query_dense(np.ones(4, np.float32), limit=2, filters={"metadata.topic": "tea"})
    indexed = catalog.create("docs", "v2", StoreSpec(dimension=4, payload_indexes={"metadata.topic": "keyword"}))
    indexed.upsert(points(4))
    assert len(indexed.query_dense(np.ones(4, np.float32), limit=2, filters={"metadata.topic": "tea"})) == 2


class LosesAnswers(QdrantClient):
    """A server whose response to a creation is lost; the repeated request reports that the collection exists."""

    def create_collection(self, collection_name: str, **kwargs: Any) -> Any:
        super().create_collection(collection_name, **kwargs)
        raise answer(409, f"Wrong input: Collection `{collection_name}` already exists!")


def test_a_creation_whose_answer_was_lost_goes_on() -> None:
    catalog = ServerCatalog(LosesAnswers(":memory:"))
    store = catalog.create("docs", "v1", StoreSpec(dimension=4))
    store.upsert(points(3))
    catalog.complete("docs", "v1", manifest("v1"))
    catalog.activate("docs", "v1")
    assert catalog.open("docs")[0].count() == 3


def test_a_name_of_somebody_else_is_refused_before_the_build() -> None:
    client = QdrantClient(":memory:")
    client.create_collection("foreign", vectors_config={})
    client.create_collection("theirs_2024", vectors_config={})
    alias = models.CreateAlias(collection_name="theirs_2024", alias_name="theirs")
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])
    catalog = ServerCatalog(client)
    for name in ("foreign", "theirs"):
        with pytest.raises(StoreError, match="choose another name"):
            catalog.create(name, "v1", StoreSpec(dimension=4))
    assert {found.name for found in client.get_collections().collections} == {"foreign", "theirs_2024"}


def test_large_payloads_are_sent_in_requests_that_a_server_takes() -> None:
    sent: list[int] = []

    class Watched(QdrantClient):
        def upsert(self, collection_name: str, points: Any, **kwargs: Any) -> Any:
            sent.append(sum(len(point.model_dump_json()) for point in points))
            return super().upsert(collection_name, points, **kwargs)

    catalog = ServerCatalog(Watched(":memory:"))
    store = catalog.create("docs", "v1", StoreSpec(dimension=4))
    store.upsert(points(600, text="字" * 50_000))
    assert store.count() == 600
    assert max(sent) < 16 << 20
    small = [models.PointStruct(id=1, vector={"dense": [0.0] * 4}, payload={}) for _ in range(600)]
    assert [len(batch) for batch in split(small, most=256, most_bytes=8 << 20)] == [256, 256, 88]
    assert [len(batch) for batch in split(small[:3], most=256, most_bytes=1)] == [1, 1, 1]


class Cluster(QdrantClient):
    """Three nodes; records how collections are created and which shards are copied."""

    def __init__(self, nodes: int = 3) -> None:
        super().__init__(":memory:")
        self.nodes = nodes
        self.made: dict[str, dict[str, Any]] = {}
        self.copies: list[tuple[int, int, int]] = []

    def cluster_status(self, **kwargs: Any) -> Any:
        return SimpleNamespace(peers={str(peer): None for peer in range(1, self.nodes + 1)})

    def collection_cluster_info(self, collection_name: str, **kwargs: Any) -> Any:
        remote = SimpleNamespace(shard_id=1, peer_id=2)
        return SimpleNamespace(peer_id=1, local_shards=[SimpleNamespace(shard_id=0)], remote_shards=[remote])

    def cluster_collection_update(self, collection_name: str, cluster_operation: Any, **kwargs: Any) -> bool:
        move = cluster_operation.replicate_shard
        self.copies.append((move.shard_id, move.from_peer_id, move.to_peer_id))
        return True

    def create_collection(self, collection_name: str, **kwargs: Any) -> Any:
        self.made[collection_name] = kwargs
        return super().create_collection(collection_name, **kwargs)


def test_collections_of_a_cluster_have_two_replicas_unless_asked_otherwise() -> None:
    client = Cluster()
    catalog = ServerCatalog(client)
    catalog.create("docs", "v1", StoreSpec(dimension=4))
    catalog.complete("docs", "v1", manifest("v1"))
    assert client.made["docs__v1"]["replication_factor"] == 2
    assert client.made["searchapp__manifests"]["replication_factor"] == 2
    asked = Replication(shards=6, replicas=3, write_consistency=2)
    catalog.create("docs", "v2", StoreSpec(dimension=4, replication=asked))
    made = client.made["docs__v2"]
    assert (made["shard_number"], made["replication_factor"], made["write_consistency_factor"]) == (6, 3, 2)
    with pytest.raises(ConfigurationError, match="4 replicas need as many nodes, and the server has 3"):
        catalog.create("docs", "v3", StoreSpec(dimension=4, replication=Replication(replicas=4)))
    with pytest.raises(ConfigurationError, match="--write-consistency"):
        catalog.create("docs", "v3", StoreSpec(dimension=4, replication=Replication(write_consistency=3)))
    single = Cluster(nodes=0)
    ServerCatalog(single).create("docs", "v1", StoreSpec(dimension=4))
    assert "replication_factor" not in single.made["docs__v1"]


def test_a_node_that_joins_later_gets_copies() -> None:
    client = Cluster()
    assert raise_replicas(client, "searchapp__manifests", place="here") == 2
    assert client.copies == [(0, 1, 2), (1, 2, 1)]
    assert raise_replicas(Cluster(nodes=1), "searchapp__manifests", place="here") == 0


def test_no_graph_is_built_while_points_come_in() -> None:
    changed: list[dict[str, Any]] = []

    class Watched(Cluster):
        def update_collection(self, collection_name: str, **kwargs: Any) -> Any:
            changed.append(kwargs)
            return True

    client = Watched(nodes=0)
    store = ServerCatalog(client).create("docs", "v1", StoreSpec(dimension=4, hnsw_threshold=3))
    assert client.made["docs__v1"]["hnsw_config"].m == 0
    store.upsert(points(3))
    store.optimize()
    assert changed == [], "few points are searched exactly"
    store.upsert(points(4))
    store.optimize()
    assert changed[0]["hnsw_config"].m == 16


def test_a_node_away_is_asked_again_and_then_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_errors, "FIRST_PAUSE", 0.0)
    answers = iter([answer(500, AWAY), "found"])

    def read() -> str:
        following = next(answers)
        if isinstance(following, Exception):
            raise following
        return following

    assert mapped("here", read) == "found"

    def dead() -> str:
        raise answer(500, AWAY)

    with pytest.raises(StoreError, match=r"a node of the cluster is down.*--replicas 2"):
        mapped("here", dead)


class Node:
    """One node of a cluster, which answers or is dead."""

    def __init__(self, name: str, *, dead: bool = False) -> None:
        self.name, self.dead, self.asked = name, dead, 0

    def get_collections(self) -> str:
        self.asked += 1
        if self.dead:
            raise ResponseHandlingException(httpx.ConnectError("connection refused"))
        return self.name


def test_addresses_are_tried_in_turn() -> None:
    nodes = [Node("a", dead=True), Node("b"), Node("c")]
    client: Any = Failover(nodes)  # type: ignore[arg-type]
    assert [client.get_collections() for _ in range(3)] == ["b", "b", "b"]
    assert nodes[0].asked == 1, "a dead node is left alone"
    nodes[1].dead = True
    assert client.get_collections() == "c"
    nodes[0].dead = nodes[2].dead = True
    with pytest.raises(ResponseHandlingException):
        client.get_collections()


def test_addresses_are_read_and_shown_without_secrets() -> None:
    assert addresses("http://a:6333, http://b:6333") == ["http://a:6333", "http://b:6333"]
    for wrong in ("", " , ", "a:6333", "ftp://a"):
        with pytest.raises(ConfigurationError, match="http://HOST:PORT"):
            addresses(wrong)
    assert redacted("http://me:sec@ret@a:6333,https://b") == "http://***@a:6333,https://b"
    with pytest.raises(StoreError) as caught:
        connect("http://me:secret@127.0.0.1:9", timeout=1)
    assert "secret" not in str(caught.value)


def test_a_key_over_plain_http_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(StoreError):
            connect("http://127.0.0.1:9", api_key="k", timeout=1)
    assert "unencrypted" not in caplog.text, "this machine's own address needs no encryption"


class Counting(QdrantClient):
    """Counts the requests that a server would receive."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.requests: Counter[str] = Counter()

    def query_batch_points(self, *args: Any, **kwargs: Any) -> Any:
        self.requests["batch"] += 1
        return super().query_batch_points(*args, **kwargs)

    def query_points(self, *args: Any, **kwargs: Any) -> Any:
        self.requests["query"] += 1
        return super().query_points(*args, **kwargs)

    def retrieve(self, *args: Any, **kwargs: Any) -> Any:
        self.requests["retrieve"] += 1
        return super().retrieve(*args, **kwargs)


@pytest.mark.parametrize(("feedback", "most"), [(0.0, 2), (0.8, 3)])
def test_a_hybrid_search_takes_few_requests(feedback: float, most: int) -> None:
    client = Counting()
    store = ServerCatalog(client).create("docs", "v1", StoreSpec(dimension=4))
    store.upsert(points(60))
    client.requests.clear()
    settings = FusionSettings.of(Ranking(feedback=feedback))
    found = Retriever(
        store, points(8)[7].dense, SparseVector((1,), (1.0,)), fusion=settings, with_payload=True
    ).candidates(10)
    assert len(found) == 10
    assert sum(client.requests.values()) <= most, client.requests


@pytest.mark.parametrize("limit", [1, 5, 20, 100])
def test_both_legs_at_once_equal_the_legs_alone(catalog: Catalog, limit: int) -> None:
    store = catalog.create("docs", "v1", StoreSpec(dimension=4))
    many = points(60)
    store.upsert([*many[:40], *(Point(p.id, many[0].dense, SparseVector((1,), (1.0,)), p.payload) for p in many[40:])])
    store.optimize()
    query, terms = many[0].dense, SparseVector((1, 2), (1.0, 0.5))
    near, found = store.query_legs(query, terms, limit=limit, filters={"language": "en"})
    dense = store.query_dense(query, limit=limit, filters={"language": "en"}, with_payload=False)
    lexical = store.query_sparse(terms, limit=limit, filters={"language": "en"}, with_payload=False)
    assert [(p.id, p.score) for p in near] == [(p.id, p.score) for p in dense]
    assert [(p.id, p.score) for p in found] == [(p.id, p.score) for p in lexical]
    assert store.query_legs(query, SparseVector(), limit=limit)[1] == []
    for point in (*near, *found):
        vector = point.vector(DENSE)
        assert vector is None or vector.shape == (4,)


def test_feedback_uses_vectors_that_came_with_the_legs(monkeypatch: pytest.MonkeyPatch) -> None:
    store = ServerCatalog(QdrantClient(":memory:")).create("docs", "v1", StoreSpec(dimension=4))
    store.upsert(points(60))

    def best(search: HybridSearch) -> list[tuple[str, float]]:
        return [(entry.id, round(entry.score, 5)) for entry in search.best(10)]

    search = HybridSearch(
        store, points(8)[7].dense, DENSE, SparseVector((1,), (1.0,)), None, FusionSettings.of(Ranking(feedback=0.8))
    )
    with_heads = best(search)
    legs: Callable[..., Any] = store.query_legs

    def without_heads(*args: Any, **kwargs: Any) -> Any:
        return tuple(
            [SimpleNamespace(id=p.id, score=p.score, vector=lambda _: None) for p in leg]
            for leg in legs(*args, **kwargs)
        )

    monkeypatch.setattr(store, "query_legs", without_heads)
    assert best(search) == with_heads
