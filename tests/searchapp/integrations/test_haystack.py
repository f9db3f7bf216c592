from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("haystack")

from haystack import Pipeline
from support import build, documents

from searchapp.client import SearchClient
from searchapp.integrations.haystack import SearchAppRetriever
from searchapp.options import Ranking


def test_in_a_pipeline_it_gives_the_hits(client: SearchClient) -> None:
    pipeline = Pipeline()
    pipeline.add_component("retriever", SearchAppRetriever(client=client, top_k=2))
    found = pipeline.run({"retriever": {"query": "tea plant hills"}})["retriever"]["documents"]
    hits = client.search("tea plant hills", limit=2).hits
    assert [(one.id, one.content, one.score) for one in found] == [(hit.id, hit.text, hit.score) for hit in hits]
    assert found[0].meta["language"] == "en"
    only = pipeline.run({"retriever": {"query": "tea", "languages": ["fr"], "top_k": 5}})["retriever"]["documents"]
    assert [one.meta["language"] for one in only] == ["fr"]


def test_a_saved_component_searches_the_same_collection(home: Path) -> None:
    build(home, documents())
    saved = SearchAppRetriever("docs", home=str(home), ranking=Ranking(per_language=1)).to_dict()
    loaded = SearchAppRetriever.from_dict(json.loads(json.dumps(saved)))
    assert loaded.to_dict() == saved
    found = loaded.run("green leaves sugar")["documents"]
    assert found[0].meta["document_id"] == "leaf-en"
    assert len({one.meta["language"] for one in found}) == len(found)
