"""Any result has the same shape in Python, on the command line and in the frameworks, and passes through JSON."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from any_result import Answering, check_shape, results
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from searchapp.cli import app
from searchapp.datatypes import Hit, SearchResult
from searchapp.integrations.hits import metadata_of

FEW = settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@given(results())
@FEW
def test_a_result_has_the_documented_fields(result: SearchResult) -> None:
    record = result.to_dict()
    check_shape(record)
    assert [hit["payload"] for hit in record["hits"]] == [dict(hit.payload) for hit in result]


@given(results())
@FEW
def test_the_command_line_prints_the_same_fields_and_an_excerpt(result: SearchResult) -> None:
    with (
        patch("searchapp.cli.search.open_client", return_value=Answering(result)),
        patch("searchapp.cli.search.require_debias"),
        patch.object(Answering, "manifest", return_value=None),
    ):
        done = CliRunner().invoke(app, ["search", "--json", "--", "x"])
    assert done.exit_code == 0, done.exception
    record = json.loads(done.stdout)
    for hit in record["hits"]:
        assert set(hit.pop("snippet")) == {"text", "highlights", "start", "end"}
    check_shape(record)
    assert record == result.to_dict()


def check_metadata(hit: Hit, metadata: dict[str, Any]) -> None:
    assert json.loads(json.dumps(metadata)) == metadata
    assert metadata == metadata_of(hit)
    assert set(metadata) == set(hit.to_dict()) - {"id", "text", "scores", "also_in"}
    assert metadata["payload"] == dict(hit.payload)


@given(results())
@FEW
def test_langchain_documents_hold_any_hit(result: SearchResult) -> None:
    pytest.importorskip("langchain_core")
    from searchapp.integrations.langchain import SearchAppRetriever

    found = SearchAppRetriever(client=Answering(result)).invoke("x")
    assert [(document.id, document.page_content) for document in found] == [(hit.id, hit.text) for hit in result]
    for hit, document in zip(result, found, strict=True):
        check_metadata(hit, document.metadata)
        assert json.loads(document.model_dump_json())["metadata"] == document.metadata


@given(results())
@FEW
def test_llama_index_nodes_hold_any_hit(result: SearchResult) -> None:
    pytest.importorskip("llama_index.core")
    from searchapp.integrations.llama_index import SearchAppRetriever

    found = SearchAppRetriever(Answering(result)).retrieve("x")
    assert [(node.node.id_, node.node.text, node.score) for node in found] == [(h.id, h.text, h.score) for h in result]
    for hit, node in zip(result, found, strict=True):
        check_metadata(hit, node.node.metadata)


@given(results())
@FEW
def test_haystack_documents_hold_any_hit(result: SearchResult) -> None:
    pytest.importorskip("haystack")
    from searchapp.integrations.haystack import SearchAppRetriever

    with patch.object(Answering, "collection", "docs", create=True):
        found = SearchAppRetriever(client=Answering(result)).run("x")["documents"]
    assert [(one.id, one.content, one.score) for one in found] == [(hit.id, hit.text, hit.score) for hit in result]
    for hit, document in zip(result, found, strict=True):
        check_metadata(hit, document.meta)
