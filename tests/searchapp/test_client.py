from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from support import TEXTS, build, documents

from searchapp import AsyncSearchClient, CollectionNotFoundError, EncoderMismatchError, InputError, SearchClient
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.server_catalog import connect


@pytest.fixture
def client(home: Path):
    build(home, documents(), payload_indexes={"metadata.topic": "keyword"})
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as found:
        yield found


def test_a_result_has_hits_spans_report_and_timings(client: SearchClient) -> None:
    result = client.search("Teepflanze in den Hügeln von Assam", limit=4)
    assert result.hits[0].language == "de"
    assert [hit.rank for hit in result.hits] == [1, 2, 3, 4]
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    assert result.hits[0].payload["topic"] == "leaf"
    assert result.hits[0].text == TEXTS["de"][result.hits[0].start : result.hits[0].end]
    assert set(result.hits[0].scores) == {"dense", "lexical", "fused"}
    assert result.languages == ("de",)
    assert result.report["de"].baseline == pytest.approx(1 / 6)
    assert sum(share.count for share in result.report.shares) == 4
    assert set(result.timings) == {"detect", "encode", "retrieve", "report", "total"}
    assert result.timings["total"] == pytest.approx(sum(v for k, v in result.timings.items() if k != "total"))
    assert (result.collection, result.mode) == ("docs", "hybrid")


def test_modes_give_the_parts_that_they_use(client: SearchClient) -> None:
    dense = client.search("Assam", mode="dense", limit=6)
    assert len(dense.hits) == 6
    assert all(set(hit.scores) == {"dense"} for hit in dense.hits)
    lexical = client.search("Assam", mode="lexical", limit=6)
    assert {hit.language for hit in lexical.hits} >= {"de", "en", "es"}, "names match across languages"
    assert all(set(hit.scores) == {"lexical"} for hit in lexical.hits)


def test_languages_and_filters_narrow_the_hits_and_the_baseline(client: SearchClient) -> None:
    result = client.search("sugar", languages=["de", "th"], limit=6)
    assert {hit.language for hit in result.hits} == {"de", "th"}
    assert {share.language for share in result.report.shares} == {"de", "th"}
    assert result.report["th"].baseline == pytest.approx(0.5)
    assert result.report.baseline == "filtered collection"
    assert {hit.payload["year"] for hit in client.search("sugar", filters={"year": {"gte": 1994}}).hits} == {1994, 1995}
    assert client.search("sugar", filters={"topic": "none"}).hits == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"query": "  \n"}, "empty"),
        ({"query": "\x00"}, "empty"),
        ({"query": "x" * 10_001}, "10,001 characters"),
        ({"query": "x", "limit": 0}, "limit is 0"),
        ({"query": "x", "limit": 1001}, "limit is 1001"),
        ({"query": "x", "mode": "sparse"}, "dense, lexical, hybrid"),
        ({"query": "x", "fusion": "sum"}, "convex, rrf, dbsf"),
        ({"query": 3}, "must be text"),
        ({"query": "x", "filters": {"year": {"about": 3}}}, "unknown operator about"),
    ],
)
def test_bad_queries_are_refused(client: SearchClient, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        client.search(**arguments)  # type: ignore[arg-type]


def test_batches_equal_single_searches(client: SearchClient) -> None:
    queries = ["Assam tea", "Zucker aus Sonnenlicht", "وأوراق"]
    together = client.search_batch(queries, limit=3)
    for query, result in zip(queries, together, strict=True):
        assert [hit.id for hit in client.search(query, limit=3).hits] == [hit.id for hit in result.hits]
    assert client.search_batch([]) == []


def test_a_query_of_stop_words_says_what_the_lexical_leg_cannot_do(client: SearchClient) -> None:
    assert any("no searchable term" in note for note in client.search("der die das und oder").notes)


def test_missing_collection_and_wrong_encoder_are_refused(home: Path) -> None:
    with pytest.raises(CollectionNotFoundError, match="'docs'"):
        SearchClient("docs", home=home)
    build(home, documents())
    with pytest.raises(EncoderMismatchError, match=r"hashing-256.*hashing-32"):
        SearchClient("docs", home=home, encoder=HashingEncoder(32))
    with SearchClient("docs", home=home) as found:  # by default the manifest says which encoder
        assert found.manifest().encoder == "fake"


def test_a_running_client_picks_up_a_new_version_and_a_rollback(home: Path) -> None:
    first = build(home, documents())
    with SearchClient("docs", home=home) as client:
        assert client.search("Assam").version == first.version
        second = build(
            home, [*documents(), Document(id="new", text="A lighthouse warns ships.", language="en")], digest="two"
        )
        result = client.search("lighthouse warns ships", limit=1)
        assert result.version == second.version
        assert result.hits[0].document_id == "new"
        EdgeCatalog(home).activate("docs", first.version)
        assert client.search("lighthouse").version == first.version


def test_no_search_fails_while_versions_are_swapped(home: Path) -> None:
    build(home, documents())
    failures: list[Exception] = []
    versions: set[str] = set()
    stop = threading.Event()
    with SearchClient("docs", home=home) as client:

        def ask() -> None:
            while not stop.is_set():
                try:
                    result = client.search("Assam tea", limit=3)
                    versions.add(result.version)
                    assert len(result.hits) == 3
                except Exception as error:
                    failures.append(error)
                    return

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        built = [build(home, documents(), digest=str(number), keep=0).version for number in range(6)]
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert client.search("Assam").version == built[-1]
        assert len(versions) > 1


def test_a_version_of_another_encoder_leaves_the_old_one_serving(home: Path) -> None:
    first = build(home, documents(), keep=5)
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        build(home, documents(), digest="two", encoder=HashingEncoder(32), keep=5)
        result = client.search("Assam")
        assert result.version == first.version
        assert any("hashing-32" in note for note in result.notes)


def test_the_same_answers_from_a_server(home: Path, client: SearchClient) -> None:
    catalog = connect(":memory:")
    build(home, documents(), catalog=catalog, payload_indexes={"metadata.topic": "keyword"})
    with SearchClient("docs", catalog=catalog, encoder=HashingEncoder()) as remote:
        for mode in ("dense", "lexical", "hybrid"):
            for query in ("Assam tea", "hojas verdes", "阳光"):
                ours = client.search(query, mode=mode)  # type: ignore[arg-type]
                theirs = remote.search(query, mode=mode)  # type: ignore[arg-type]
                assert [(h.id, h.rank) for h in ours.hits] == [(h.id, h.rank) for h in theirs.hits]
                assert ours.report == theirs.report


def test_async_searches_run_side_by_side(home: Path) -> None:
    build(home, documents())

    async def ask() -> None:
        async with AsyncSearchClient("docs", home=home) as client:
            results = await asyncio.gather(*(client.search("Assam tea", limit=2) for _ in range(20)))
            assert {len(result.hits) for result in results} == {2}
            assert len(await client.search_batch(["tea", "leaf"])) == 2

    asyncio.run(ask())


def test_async_errors_reach_the_caller(home: Path) -> None:
    async def ask() -> None:
        async with AsyncSearchClient("nothing", home=home):
            pass

    with pytest.raises(CollectionNotFoundError):
        asyncio.run(ask())
