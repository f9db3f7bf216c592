"""Test the stages in a search: pages, filters, similar passages and probes, on both engines."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from support import build

from searchapp import AsyncSearchClient, InputError, Ranking, SearchClient
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.base import Catalog
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.server_catalog import connect

WORDS = {"de": "Tee wächst im Garten", "en": "tea grows in the garden", "sw": "chai hukua katika bustani"}
COUNTS = {"de": 24, "en": 12, "sw": 4}


def documents() -> list[Document]:
    return [
        Document(
            id=f"{code}{row}",
            text=f"{WORDS[code]} Assam {' '.join(f'x{code}{n}' for n in range(row % 7))}.",
            language=code,
            metadata={"plot": row, "even": row % 2 == 0},
        )
        for code, count in COUNTS.items()
        for row in range(count)
    ]


@pytest.fixture(params=["edge", "server"], scope="module")
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp(request.param)
    catalog: Catalog = EdgeCatalog(home) if request.param == "edge" else connect(":memory:")
    build(home, documents(), catalog=catalog, index_fields={"plot": "integer"}, translations_by="plot")
    with SearchClient("docs", catalog=catalog, encoder=HashingEncoder()) as found:
        yield found
    catalog.close()


RANKINGS = {
    "plain": Ranking(depth=8),
    "fair": Ranking(balance=0.8, depth=8),
    "quota": Ranking(balance=1, balance_by="quota", depth=8),
    "zscore": Ranking(balance=0.7, balance_by="zscore", depth=8),
    "rrf": Ranking(balance=1, balance_by="rrf", depth=8),
    "diversity": Ranking(diversity=0.4, depth=8),
    "cap": Ranking(per_language=3, depth=8),
    "translations": Ranking(collapse="translations", depth=8),
    "all": Ranking(collapse="translations", balance=0.5, diversity=0.2, per_language=5, depth=8),
}


@pytest.mark.parametrize("name", RANKINGS)
@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_pages_go_on_where_the_one_before_ended(client: SearchClient, name: str, mode) -> None:
    query = "Tee im Garten von Assam"
    whole = client.search(query, limit=40, mode=mode, ranking=RANKINGS[name])
    pages = [
        hit
        for offset in range(0, 42, 7)
        for hit in client.search(query, limit=7, offset=offset, mode=mode, ranking=RANKINGS[name]).hits
    ]
    assert [(hit.id, hit.rank) for hit in pages] == [(hit.id, hit.rank) for hit in whole.hits]
    assert len({hit.id for hit in whole.hits}) == len(whole.hits) > 8, "beyond the pool, and none twice"
    scores = [hit.score for hit in whole.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_balanced_page_has_the_shares_of_the_collection(client: SearchClient) -> None:
    query = "Tee wächst im Garten"
    plain = client.search(query, mode="dense", ranking=Ranking(depth=8))
    assert {hit.language for hit in plain.hits} == {"de"}
    balanced = client.search(query, mode="dense", ranking=Ranking(balance=1, depth=10))
    assert Counter(hit.language for hit in balanced.hits) == {"de": 6, "en": 3, "sw": 1}
    assert balanced.hits[0].id == plain.hits[0].id
    (step,) = balanced.steps
    assert step.name == "balance" and step.before["de"].count == 10
    assert 0 < step.relevance_lost < 1
    alike = client.search(query, mode="dense", limit=9, ranking=Ranking(balance=1, balance_by="rrf", depth=10))
    assert Counter(hit.language for hit in alike.hits) == {"de": 3, "en": 3, "sw": 3}


def test_a_cap_reaches_every_language(client: SearchClient) -> None:
    capped = client.search("Tee wächst im Garten", mode="dense", ranking=Ranking(per_language=2, depth=5))
    assert Counter(hit.language for hit in capped.hits) == {"de": 2, "en": 2, "sw": 2}


def test_stages_choose_from_what_the_filters_leave(client: SearchClient) -> None:
    chosen = {"even": True, "plot": {"lt": 8}}
    ranking = Ranking(balance=1, per_language=3, depth=5)
    result = client.search("Tee", filters=chosen, languages=["de", "en"], ranking=ranking)
    assert Counter(hit.language for hit in result.hits) == {"de": 3, "en": 3}
    assert all(hit.payload["even"] and hit.payload["plot"] < 8 for hit in result.hits)
    assert {share.language: share.baseline for share in result.report.shares} == {"de": 0.5, "en": 0.5}


def test_translations_are_shown_once_and_say_where_else(client: SearchClient) -> None:
    result = client.search("Tee im Garten", limit=30, ranking=Ranking(collapse="translations"))
    assert sorted(hit.payload["plot"] for hit in result.hits) == list(range(24)), "one hit a plot"
    for hit in result.hits:
        having = {code for code, count in COUNTS.items() if hit.payload["plot"] < count}
        assert {hit.language, *hit.also_in} == having
        assert all(len(ids) == 1 for ids in hit.also_in.values())
        found = client.translations_of(hit.id)
        assert {(other.language, (other.id,)) for other in found} == set(hit.also_in.items())


def test_similar_passages_leave_out_the_one_asked_with(client: SearchClient) -> None:
    first = client.search("tea grows").hits[0]
    whole = client.similar(first.id, limit=39)
    assert len(whole.hits) == 39 and first.id not in {hit.id for hit in whole.hits}
    assert whole.query == first.text and whole.languages == (first.language,)
    second = client.similar(first.id, limit=5, offset=5)
    assert [hit.id for hit in second.hits] == [hit.id for hit in whole.hits[5:10]]
    narrow = client.similar(first.id, languages=["sw"], filters={"plot": [0, 1]})
    assert {(hit.language, hit.payload["plot"]) for hit in narrow.hits} == {("sw", 0), ("sw", 1)}
    balanced = client.similar(first.id, ranking=Ranking(balance=1, balance_by="rrf", depth=6), limit=39)
    assert first.id not in {hit.id for hit in balanced.hits}
    for unknown in ("nothing", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(InputError, match="no passage"):
            client.similar(unknown)
        with pytest.raises(InputError, match="no passage"):
            client.translations_of(unknown)


def test_a_probe_compares_the_answers(client: SearchClient) -> None:
    probed = client.probe("Tee im Garten", {"en": "tea in the garden", "DE-at": "Tee im Garten"}, limit=6, mode="dense")
    english, same = probed.variants
    assert (same.language, same.overlap, same.group_overlap, same.missed) == ("de", 1.0, 1.0, ())
    assert same.rank_correlation == pytest.approx(1)
    assert english.report["en"].count > 0
    shown = {hit.id for hit in probed.original.hits}
    assert english.missed == tuple(hit for hit in english.result.hits if hit.id not in shown)
    assert english.overlap == (6 - len(english.missed)) / 6
    plots = {hit.payload["plot"] for hit in probed.original.hits}
    others = {hit.payload["plot"] for hit in english.result.hits}
    assert english.group_overlap == pytest.approx(len(plots & others) / max(len(plots), len(others)))
    assert probed.missed == english.missed
    assert probed.overlap == (english.overlap + 1) / 2
    assert probed.groups == "translations by plot"
    for wrong in ({}, {"en": " "}, ["en"]):
        with pytest.raises(InputError, match="translation"):
            client.probe("Tee", wrong)  # type: ignore[arg-type]


class Words:
    """Translates one word, but not into Swahili."""

    def translate(self, text: str, source: str, target: str) -> str:
        return {("de", "en"): "tea in the garden"}.get((source, target), "")


def test_a_probe_with_a_translator_says_what_it_could_not_translate(client: SearchClient) -> None:
    probed = client.probe("Der Tee wächst in diesem Garten", translator=Words())
    assert [variant.language for variant in probed.variants] == ["en"]
    assert probed.notes == ("no translation into sw",)
    with pytest.raises(InputError, match="no translation into sw"):
        client.probe("Der Tee wächst in diesem Garten", translator=Words(), targets=["sw"])


class Broken(Words):
    """Translates into English, and fails for Swahili."""

    def translate(self, text: str, source: str, target: str) -> str:
        if target == "sw":
            raise TimeoutError("no answer for 20 s")
        return super().translate(text, source, target)

    def passage(self, query: str, languages: object) -> str:
        return ""


def test_a_probe_asks_the_clients_language_model_unless_translations_are_given(tmp_path: Path) -> None:
    build(tmp_path, documents(), translations_by="plot")
    with SearchClient("docs", home=tmp_path, encoder=HashingEncoder(), writer=Broken()) as client:
        probed = client.probe("Der Tee wächst in diesem Garten")
        assert [variant.query for variant in probed.variants] == ["tea in the garden"]
        assert probed.notes == ("no translation into sw: no answer for 20 s",)
        given = client.probe("Der Tee wächst in diesem Garten", {"en": "tea"})
        assert [variant.query for variant in given.variants] == ["tea"]


def test_the_async_client_does_the_same(tmp_path: Path) -> None:
    build(tmp_path, documents(), translations_by="plot")

    async def ask() -> None:
        async with AsyncSearchClient("docs", home=tmp_path, encoder=HashingEncoder()) as client:
            hit = (await client.search("tea")).hits[0]
            assert len((await client.similar(hit.id, limit=3)).hits) == 3
            assert {other.payload["plot"] for other in await client.translations_of(hit.id)} <= {hit.payload["plot"]}
            assert len((await client.probe("tea", {"de": "Tee"})).variants) == 1

    asyncio.run(ask())
