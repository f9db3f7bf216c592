"""Order documents by relevance to a query, as Cohere's and Jina's protocols do: `/v1/rerank`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from searchapp.client import SearchClient
from searchapp.search.arguments import MAX_QUERY_CHARACTERS
from ui.pool import Pool
from ui.rest.embeddings import MOST_TEXTS, Text, collection_of
from ui.rest.errors import FAILURES
from ui.safety import public_name
from ui.schema import SOMETHING, WHOLE, Body, Name


class TextDocument(Body):
    """A document as an object."""

    text: Text


class RerankRequest(Body):
    """A query, and the documents to order."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=SOMETHING, examples=["green leaves"])
    documents: list[Text | TextDocument] = Field(min_length=1, max_length=MOST_TEXTS)
    top_n: Annotated[int, Field(ge=1, le=MOST_TEXTS), WHOLE] | None = Field(
        None, description="Number of results; null for all."
    )
    return_documents: bool = Field(False, description="Repeat the text of each document in its result.")
    model: Name = Field(
        "", description="A collection, whose models score the documents; empty or `default` for the default collection."
    )


class RerankItem(BaseModel):
    """One document."""

    index: int = Field(description="Index of the document in the request, from 0.")
    relevance_score: float = Field(description="Higher is more relevant; comparable within one answer.")
    document: TextDocument | None = Field(None, description="The document, if the request asks for it.")


class RerankAnswer(BaseModel):
    """The documents, most relevant first."""

    results: list[RerankItem]
    model: str = Field(description="The model that scored the documents.")
    scored_by: Literal["cross-encoder", "cosine"] = Field(
        description="A cross-encoder if the server has one, or else the cosine of the embeddings."
    )


def rerank_routes(pool: Pool) -> APIRouter:
    """Create the route for re-ranking.

    Args:
        pool: Provides the clients of the collections.
    """
    routes = APIRouter(tags=["models"], responses=FAILURES)

    @routes.post("/rerank", operation_id="rerank", response_model_exclude_none=True)
    def rerank(request: RerankRequest) -> RerankAnswer:
        """Order documents by their relevance to a query."""
        client = pool.client(collection_of(pool, request.model))
        texts = [one if isinstance(one, str) else one.text for one in request.documents]
        scores, model, scored_by = _scores(client, request.query, texts)
        order = sorted(range(len(texts)), key=lambda index: -scores[index])[: request.top_n]
        results = [
            RerankItem(
                index=index,
                relevance_score=scores[index],
                document=TextDocument(text=texts[index]) if request.return_documents else None,
            )
            for index in order
        ]
        return RerankAnswer(results=results, model=public_name(model), scored_by=scored_by)

    return routes


def _scores(
    client: SearchClient, query: str, texts: list[str]
) -> tuple[list[float], str, Literal["cross-encoder", "cosine"]]:
    """Score each text for a query; return the scores, the model and how it scores."""
    if (reranker := client.reranker) is not None:
        name = str(getattr(reranker, "name", type(reranker).__name__))
        return [float(score) for score in reranker.score(query, texts)], name, "cross-encoder"
    encoder = client.encoder
    cosines = encoder.encode_passages(texts) @ encoder.encode_queries([query])[0]
    return [float(cosine) for cosine in cosines], encoder.name, "cosine"
