from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support import TEXTS, build, documents

from searchapp import AsyncSearchClient, CollectionNotFoundError, EncoderMismatchError, InputError, SearchClient
from searchapp.datatypes import Document, Mode
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import EncoderError, MissingExtraError, StoreError
from searchapp.options import Ranking
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.payload import Payload
from searchapp.stores.server_catalog import connect


@pytest.fixture
def client(home: Path):
    build(home, documents(), index_fields={"topic": "keyword"})
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as found:
        yield found


def test_a_result_has_hits_spans_report_and_timings(client: SearchClient) -> None:
    result = client.search("Teepflanze in den Hügeln von Assam", limit=4)
    assert result.hits[0].language == "de"
    assert [hit.rank for hit in result.hits] == [1, 2, 3, 4]
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    assert result.hits[0].payload["topic"] == "leaf"
    assert result.hits[0].text == TEXTS["de"][result.hits[0].start : result.hits[0].end]
    assert set(result.hits[0].scores) == {"dense", "lexical", "fused", "cosine"}
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
        ({"query": "x", "limit": 2.0}, "limit is 2.0"),
        ({"query": "x", "limit": True}, "limit is True"),
        ({"query": "x", "languages": "de"}, "must be a list of codes"),
        ({"query": "x", "languages": []}, "languages is empty"),
        ({"query": "x", "languages": ["de"], "filters": {"language": "fr"}}, "use one of them"),
        ({"query": "x", "filters": ["de"]}, "filters must map"),
        ({"query": "x", "limit": 1001}, "limit is 1001"),
        ({"query": "x", "mode": "sparse"}, "dense, lexical, hybrid"),
        ({"query": "x", "offset": -1}, "offset is -1"),
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


def test_pages_follow_each_other(client: SearchClient) -> None:
    whole = client.search("Assam", limit=6)
    second = client.search("Assam", limit=3, offset=3)
    assert [(hit.id, hit.rank) for hit in second.hits] == [(hit.id, hit.rank) for hit in whole.hits[3:]]
    assert (second.offset, len(client.search("Assam", offset=999).hits)) == (3, 0)


def test_one_text_is_no_batch(client: SearchClient) -> None:
    with pytest.raises(InputError, match="takes a list"):
        client.search_batch("Assam")


def test_language_codes_are_reduced_and_missing_languages_are_told(client: SearchClient) -> None:
    result = client.search("sugar", languages=["DE-at", "sw"], limit=6)
    assert {hit.language for hit in result.hits} == {"de"}
    assert any("no passages in sw; it has" in note for note in result.notes)


def test_a_query_without_words_says_what_the_lexical_leg_cannot_do(client: SearchClient) -> None:
    assert any("no searchable term" in note for note in client.search("?! …").notes)
    assert not client.search("der die das und oder").notes


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


@pytest.mark.parametrize("error", [EncoderError("weights are damaged"), MissingExtraError(feature="it", extra="onnx")])
def test_an_encoder_that_does_not_load_leaves_the_old_version_serving(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    first = build(home, documents(), keep=5)
    with SearchClient("docs", home=home) as client:
        build(home, documents(), digest="two", encoder=HashingEncoder(32), keep=5)
        tried = []

        def broken(name: str, **options: object) -> HashingEncoder:
            tried.append(name)
            raise error

        monkeypatch.setattr("searchapp.client.load_encoder", broken)
        for _ in range(3):
            result = client.search("Assam")
            assert result.version == first.version
            assert any(str(error) in note for note in result.notes)
        assert len(tried) == 1, "a version that was refused is not tried on every query"


def test_searches_go_on_while_the_next_version_s_encoder_loads(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(home, documents(), keep=5)
    loading, go_on = threading.Event(), threading.Event()

    def slow(name: str, **options: object) -> HashingEncoder:
        loading.set()
        assert go_on.wait(30)
        return HashingEncoder(32)

    with SearchClient("docs", home=home) as client:
        second = build(home, documents(), digest="two", encoder=HashingEncoder(32), keep=5)
        monkeypatch.setattr("searchapp.client.load_encoder", slow)
        found: list[str] = []
        thread = threading.Thread(target=lambda: found.append(client.search("Assam").version))
        thread.start()
        assert loading.wait(30)
        assert client.search("Assam").version == first.version  # at once, with the old one
        go_on.set()
        thread.join(30)
        assert found == [second.version]
        assert client.search("Assam").version == second.version


def test_a_closed_client_says_so_and_closes_the_encoder_it_loaded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(home, documents())
    closed: list[str] = []
    monkeypatch.setattr(HashingEncoder, "close", lambda self: closed.append(self.name))
    client = SearchClient("docs", home=home)
    client.search("Assam")
    client.close()
    assert closed == ["fake"]
    with pytest.raises(StoreError, match="is closed"):
        client.search("Assam")
    mine = HashingEncoder()
    SearchClient("docs", home=home, encoder=mine).close()
    assert closed == ["fake"], "the caller's encoder stays open"


def test_the_manifest_says_how_the_encoder_is_loaded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(home, documents(), revision="v3", backend="onnx")
    asked: dict[str, object] = {}

    def recorded(name: str, **options: object) -> HashingEncoder:
        asked.update(options, name=name)
        return HashingEncoder()

    monkeypatch.setattr("searchapp.client.load_encoder", recorded)
    SearchClient("docs", home=home, trust_remote_code=True).close()
    assert asked == {
        "name": "fake",
        "revision": "v3",
        "backend": "onnx",
        "trust_remote_code": True,
        "fingerprint": HashingEncoder().fingerprint,
    }


def test_the_same_answers_from_a_server(home: Path, client: SearchClient) -> None:
    catalog = connect(":memory:")
    build(home, documents(), catalog=catalog, index_fields={"topic": "keyword"})
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


def test_a_closed_async_client_says_so(home: Path) -> None:
    build(home, documents())

    async def ask() -> None:
        client = AsyncSearchClient("docs", home=home)
        await client.search("tea")
        await client.close()
        await client.close()
        with pytest.raises(StoreError, match="is closed"):
            await client.search("tea")

    asyncio.run(ask())


def test_a_cancelled_opening_leaves_nothing_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(home, documents())
    go_on = threading.Event()
    closed = threading.Event()

    class Slow(SearchClient):
        def __init__(self, *arguments: object, **options: object) -> None:
            assert go_on.wait(30)
            super().__init__(*arguments, **options)  # type: ignore[arg-type]

        def close(self) -> None:
            super().close()
            closed.set()

    monkeypatch.setattr("searchapp.async_client.SearchClient", Slow)

    async def ask() -> None:
        client = AsyncSearchClient("docs", home=home)
        search = asyncio.create_task(client.search("tea"))
        await asyncio.sleep(0.05)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        go_on.set()
        assert await asyncio.to_thread(closed.wait, 30)
        await client.close()

    asyncio.run(ask())


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
@pytest.mark.parametrize("ranking", [Ranking(), Ranking(collapse="document"), Ranking(collapse="translations")])
def test_passages_looked_through_for_operators_come_without_metadata(
    home: Path, mode: Mode, ranking: Ranking, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Document(f"d{n}", f"Tea number {n} grows here.", metadata={"kept": "x" * 50}) for n in range(300)]
    build(home, rows)
    read, whole = Payload.read, []

    def seen(stored: Mapping[str, Any]) -> Payload:
        if stored.get("metadata"):
            whole.append(stored["document_id"])
        return read(stored)

    monkeypatch.setattr(Payload, "read", seen)
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        result = client.search('tea "number 299"', mode=mode, ranking=ranking)
        assert [(hit.document_id, hit.payload) for hit in result.hits] == [("d299", {"kept": "x" * 50})]
        assert client.search("tea -number", mode=mode, ranking=ranking).hits == ()
    assert whole == ["d299"]
