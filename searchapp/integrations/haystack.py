"""Search a collection as a component of Haystack."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from searchapp.client import SearchClient
from searchapp.datatypes import Filters, Mode
from searchapp.integrations.hits import metadata_of
from searchapp.options import PLAIN, Ranking


@component
class SearchAppRetriever:
    """Retrieves passages in all languages, or in those given.

    A pipeline that is saved keeps the name and the folder of the collection; an open client is not saved.

    Args:
        collection: Name of the collection, opened by the first query.
        home: Folder of embedded collections; default `$SEARCHAPP_HOME`, else `~/.searchapp`.
        client: An open client instead; the caller closes it.
        top_k: Number of passages.
        mode: As in `SearchClient.search`.
        ranking: Options for ranking the candidates.

    Example:
        >>> SearchAppRetriever("demo").run("why do leaves look green")["documents"]    # doctest: +SKIP
    """

    def __init__(
        self,
        collection: str = "demo",
        *,
        home: str | None = None,
        client: SearchClient | None = None,
        top_k: int = 10,
        mode: Mode = "hybrid",
        ranking: Ranking = PLAIN,
    ) -> None:
        self._collection = collection if client is None else client.collection
        self._home = home
        self._client = client
        self._top_k = top_k
        self._mode: Mode = mode
        self._ranking = ranking

    def warm_up(self) -> None:
        """Open the collection, which loads its encoder."""
        if self._client is None:
            self._client = SearchClient(self._collection, home=self._home)

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    def run(
        self,
        query: str,
        languages: list[str] | None = None,
        filters: Filters | None = None,
        top_k: int | None = None,
    ) -> dict[str, list[Document]]:
        """Search the collection.

        Args:
            query: Text in one or several languages.
            languages: Languages to search, as BCP 47 primary subtags; None for all.
            filters: Conditions on metadata, as in `SearchClient.search`.
            top_k: Number of passages; None for the component's.
        """
        self.warm_up()
        assert self._client is not None  # noqa: S101 - warm_up has opened it
        result = self._client.search(
            query,
            limit=self._top_k if top_k is None else top_k,
            languages=languages,
            filters=filters,
            mode=self._mode,
            ranking=self._ranking,
        )
        return {
            "documents": [
                Document(id=hit.id, content=hit.text, meta=metadata_of(hit), score=hit.score) for hit in result.hits
            ]
        }

    def to_dict(self) -> dict[str, Any]:
        """Convert the component to plain values, as saved pipelines contain it."""
        saved: dict[str, Any] = default_to_dict(
            self,
            collection=self._collection,
            home=self._home,
            top_k=self._top_k,
            mode=self._mode,
            ranking=asdict(self._ranking),
        )
        return saved

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SearchAppRetriever:
        """Create the component from the values of `to_dict`.

        Args:
            data: The values.
        """
        parameters = data["init_parameters"]
        ranking = Ranking(**parameters.get("ranking", {}))
        made: SearchAppRetriever = default_from_dict(
            cls, {**data, "init_parameters": {**parameters, "ranking": ranking}}
        )
        return made
