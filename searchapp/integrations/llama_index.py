"""Search a collection as a LlamaIndex retriever."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from searchapp.client import SearchClient
from searchapp.datatypes import Filters, Mode
from searchapp.integrations.hits import metadata_of
from searchapp.options import PLAIN, Ranking


class SearchAppRetriever(BaseRetriever):  # type: ignore[misc]  # the framework's types are not read
    """Retrieves passages in all languages, or in those given.

    Args:
        client: Client of the collection; the caller closes it.
        limit: Number of passages.
        languages: Languages to search, as BCP 47 primary subtags; None for all.
        filters: Conditions on metadata, as in `SearchClient.search`.
        mode: As in `SearchClient.search`.
        ranking: Options for ranking the candidates.

    Example:
        >>> SearchAppRetriever(SearchClient("demo")).retrieve("why do leaves look green")  # doctest: +SKIP
    """

    def __init__(
        self,
        client: SearchClient,
        *,
        limit: int = 10,
        languages: Sequence[str] | None = None,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        ranking: Ranking = PLAIN,
    ) -> None:
        super().__init__()
        self._client = client
        self._limit = limit
        self._languages = languages
        self._filters = filters
        self._mode: Mode = mode
        self._ranking = ranking

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        result = self._client.search(
            query_bundle.query_str,
            limit=self._limit,
            languages=self._languages,
            filters=self._filters,
            mode=self._mode,
            ranking=self._ranking,
        )
        return [
            NodeWithScore(node=TextNode(id_=hit.id, text=hit.text, metadata=metadata_of(hit)), score=hit.score)
            for hit in result.hits
        ]
