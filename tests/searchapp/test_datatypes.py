"""Test that a result is a sequence of hits with one JSON format."""

from __future__ import annotations

import json

import searchapp
from searchapp import SearchResult
from searchapp.datatypes import Document
from searchapp.options import Ranking
from searchapp.testing import temporary_client


def result(**choices: object) -> SearchResult:
    documents = [Document(id=code, text=f"tea {code}", language=code, metadata={"n": 1}) for code in ("de", "en", "fr")]
    with temporary_client(documents) as client:
        return client.search("tea", ranking=Ranking(**choices))  # type: ignore[arg-type]


def test_a_result_is_a_sequence_of_its_hits() -> None:
    found = result()
    assert len(found) == 3
    assert list(found) == list(found.hits)
    assert found[0] is found.hits[0]
    assert found[-1].rank == 3
    assert found[1:] == found.hits[1:]


def test_a_result_goes_through_json_unchanged() -> None:
    found = result(balance=0.5, collapse="document")
    record = found.to_dict()
    assert json.loads(json.dumps(record)) == record, "plain values only"
    assert [hit["id"] for hit in record["hits"]] == [hit.id for hit in found]
    assert record["hits"][0]["payload"] == {"n": 1}
    assert record["languages"] == list(found.languages)
    shares = {entry["language"]: entry for entry in record["report"]["languages"]}
    assert shares["de"]["lift"] == found.report["de"].lift
    assert shares["de"]["verdict"] == found.report["de"].verdict
    assert [step["name"] for step in record["steps"]] == ["collapse", "balance"]
    assert record["steps"][0]["before"]["baseline"] == "collection"
    assert record["timings"]["total"] == found.timings["total"]


def test_the_root_exports_what_the_client_takes() -> None:
    for name in ("Encoder", "Reranker", "QueryWriter", "OpenAICompatibleWriter"):
        assert name in searchapp.__all__
        assert hasattr(searchapp, name)
