"""Search a collection as a LangChain retriever."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from searchapp.client import SearchClient
from searchapp.datatypes import Filters, Mode
from searchapp.integrations.hits import metadata_of
from searchapp.options import PLAIN, Ranking


class SearchAppRetriever(BaseRetriever):  # type: ignore[misc]  # the framework's types are not read
    """Retrieves passages in all languages, or in those given.

    Attributes:
        client: Client of the collection; the caller closes it.
        k: Number of passages.
        languages: Languages to search, as BCP 47 primary subtags; None for all.
        filters: Conditions on metadata, as in `SearchClient.search`.
        mode: As in `SearchClient.search`.
        ranking: Options for ranking the candidates.

    Example:
        >>> retriever = SearchAppRetriever(client=SearchClient("demo"), k=5)           # doctest: +SKIP
        >>> retriever.invoke("why do leaves look green")                               # doctest: +SKIP
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    client: SearchClient
    k: int = 10
    languages: tuple[str, ...] | None = None
    filters: Filters | None = None
    mode: Mode = "hybrid"
    ranking: Ranking = PLAIN

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        """Search; `invoke(query, k=…)` overrides the number of passages."""
        result = self.client.search(
            query,
            limit=self.k if k is None else k,
            languages=self.languages,
            filters=self.filters,
            mode=self.mode,
            ranking=self.ranking,
        )
        return [Document(id=hit.id, page_content=hit.text, metadata=metadata_of(hit)) for hit in result.hits]
