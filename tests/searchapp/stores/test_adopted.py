"""Test that collections of other software are searched read-only, and that wrong layouts are explained."""

from __future__ import annotations

import pytest
from qdrant_client import QdrantClient, models
from qdrant_double import serving
from support import TEXTS
from typer.testing import CliRunner

from searchapp import SearchClient
from searchapp.cli import app
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import CollectionNotFoundError, ConfigurationError, EncoderMismatchError, StoreError
from searchapp.stores import adopted_store
from searchapp.stores.adopted import AdoptedCatalog
from searchapp.stores.adopted_store import Layout

NAMES = {"en": "English", "de": "de-DE", "es": "es", "ar": "ar", "zh": "zh", "th": "??"}


def fill(client: QdrantClient, *, vector: str = "", distance: models.Distance = models.Distance.COSINE) -> QdrantClient:
    encoder = HashingEncoder(64)
    parameters = models.VectorParams(size=64, distance=distance)
    client.create_collection("articles", vectors_config={vector: parameters} if vector else parameters)
    embeddings = encoder.encode_passages(list(TEXTS.values())).tolist()
    client.upsert(
        "articles",
        [
            models.PointStruct(
                id=row,
                vector={vector: embedding} if vector else embedding,
                payload={"body": text, "lang": NAMES[code], "head": f"Leaf {code}", "year": 1990 + row},
            )
            for row, ((code, text), embedding) in enumerate(zip(TEXTS.items(), embeddings, strict=True))
        ],
    )
    return client


def adopted(client: QdrantClient, *, dimension: int = 64, **layout: str) -> SearchClient:
    encoder = HashingEncoder(dimension)
    catalog = AdoptedCatalog(client, "articles", Layout(**{"text": "body", **layout}), encoder=encoder)
    return SearchClient("articles", catalog=catalog, encoder=encoder)


@pytest.mark.parametrize("vector", ["", "e5"])
@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_the_hits_and_their_languages(vector: str, mode: str) -> None:
    with adopted(fill(QdrantClient(":memory:"), vector=vector), vector=vector, language="lang", title="head") as client:
        assert client.languages() == {"en": 1, "de": 1, "es": 1, "ar": 1, "zh": 1, "und": 1}
        result = client.search("tea plant grows in the hills", mode=mode)  # type: ignore[arg-type]
        first = result.hits[0]
        assert (first.id, first.language, first.title, first.payload) == ("0", "en", "Leaf en", {"year": 1990})
        assert [hit.language for hit in client.search("tea", mode="dense", languages=["de"]).hits] == ["de"]
        assert [hit.id for hit in client.search("tea", mode="dense", filters={"year": 1991}).hits] == ["1"]


def test_languages_are_detected_without_a_field() -> None:
    with adopted(fill(QdrantClient(":memory:"))) as client:
        found = client.languages()
        assert sum(found.values()) == len(TEXTS)
        assert {"en", "de", "es", "ar", "th"} <= found.keys()
        with pytest.raises(StoreError, match="detected here"):
            client.search("tea", mode="dense", languages=["de"])


def test_counts_of_large_collections_are_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adopted_store, "COUNTED", 2)
    monkeypatch.setattr(adopted_store, "PAGE", 1)
    with adopted(fill(QdrantClient(":memory:")), language="lang") as client:
        assert client.languages() == {"en": 3, "de": 3}


def test_nothing_is_written() -> None:
    client = fill(QdrantClient(":memory:"))
    before = client.scroll("articles", limit=100, with_vectors=True)
    catalog = AdoptedCatalog(client, "articles", Layout(text="body"), encoder=HashingEncoder(64))
    store, _ = catalog.open("articles")
    for attempt in (
        lambda: store.upsert([]),
        lambda: store.delete(["0"]),
        lambda: catalog.delete_collection("articles"),
        lambda: catalog.activate("articles", "adopted"),
        lambda: store.facet("year"),
    ):
        with pytest.raises(StoreError, match="adopted"):
            attempt()
    assert client.scroll("articles", limit=100, with_vectors=True) == before
    assert [one.name for one in client.get_collections().collections] == ["articles"]


def test_a_lexical_search_is_refused() -> None:
    with adopted(fill(QdrantClient(":memory:"))) as client, pytest.raises(StoreError, match="no lexical leg"):
        client.search("tea", mode="lexical")


def test_wrong_layouts_are_explained() -> None:
    client = fill(QdrantClient(":memory:"), vector="e5")
    with pytest.raises(ConfigurationError, match=r"no vector ''; it has e5"):
        adopted(client)
    with pytest.raises(ConfigurationError, match=r"'content' \(text=…\); they have body, head, lang, year"):
        adopted(client, vector="e5", text="content")
    with pytest.raises(ConfigurationError, match=r"'language' \(language=…\)"):
        adopted(client, vector="e5", language="language")
    with pytest.raises(EncoderMismatchError, match=r"of 64 dimensions.*fake \(32-d\)"):
        adopted(client, vector="e5", dimension=32)
    with pytest.raises(CollectionNotFoundError, match="collections: articles"):
        AdoptedCatalog(client, "other", Layout(text="body"), encoder=HashingEncoder(64))
    euclid = fill(QdrantClient(":memory:"), distance=models.Distance.EUCLID)
    with pytest.raises(ConfigurationError, match="by Euclid, expected Cosine or Dot"):
        adopted(euclid)


def test_the_command_searches_a_server() -> None:
    with serving() as double:
        encoder = HashingEncoder()
        double.client.create_collection(
            "articles", vectors_config=models.VectorParams(size=256, distance=models.Distance.COSINE)
        )
        vectors = encoder.encode_passages(list(TEXTS.values())).tolist()
        double.client.upsert(
            "articles",
            [
                models.PointStruct(id=row, vector=vector, payload={"body": text})
                for row, (vector, text) in enumerate(zip(vectors, TEXTS.values(), strict=True))
            ],
        )
        command = ["search", "tea plant grows in the hills", "-c", "articles", "--url", double.url, "--json"]
        done = CliRunner().invoke(app, [*command, "--adopt", "text=body", "--adopt", "encoder=fake"])
        assert done.exit_code == 0, done.output
        assert '"language": "en"' in done.output
        for wrong in (["text=body"], ["text=body", "encoder=fake", "colour=red"]):
            flags = [flag for pair in wrong for flag in ("--adopt", pair)]
            assert CliRunner().invoke(app, [*command, *flags]).exit_code != 0
