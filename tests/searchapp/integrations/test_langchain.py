from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("langchain_tests")

from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from searchapp.client import SearchClient
from searchapp.integrations.langchain import SearchAppRetriever
from searchapp.options import Ranking


@pytest.mark.anyio
class TestSearchAppRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _client(self, client: SearchClient) -> None:
        self.client = client

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return SearchAppRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"client": self.client}

    @property
    def retriever_query_example(self) -> str:
        return "where does tea grow"


def test_a_document_holds_what_the_hit_holds(client: SearchClient) -> None:
    retriever = SearchAppRetriever(client=client, languages=("de",), ranking=Ranking(diversity=0.5))
    (document,) = retriever.invoke("tea plant")
    hit = client.search("tea plant", languages=["de"]).hits[0]
    assert (document.id, document.page_content) == (hit.id, hit.text)
    assert document.metadata["language"] == "de"
    assert document.metadata["document_id"] == "tea-de"
    assert document.metadata["payload"]["topic"] == "tea"
