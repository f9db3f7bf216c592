from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("llama_index.core")

from searchapp.client import SearchClient
from searchapp.integrations.llama_index import SearchAppRetriever


def test_nodes_are_the_hits_in_their_order(client: SearchClient) -> None:
    retriever = SearchAppRetriever(client, limit=2)
    nodes = retriever.retrieve("tea plant hills")
    hits = client.search("tea plant hills", limit=2).hits
    assert [(node.node.node_id, node.text, node.score) for node in nodes] == [
        (hit.id, hit.text, hit.score) for hit in hits
    ]
    assert nodes[0].metadata["language"] == "en"
    assert [node.node.node_id for node in asyncio.run(retriever.aretrieve("tea plant hills"))] == [
        hit.id for hit in hits
    ]


def test_languages_and_filters_are_the_clients(client: SearchClient) -> None:
    assert [node.metadata["language"] for node in SearchAppRetriever(client, languages=["fr"]).retrieve("tea")] == [
        "fr"
    ]
    assert SearchAppRetriever(client, filters={"topic": "coffee"}).retrieve("tea") == []
