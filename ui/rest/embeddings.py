"""Serve a collection's encoder by OpenAI's protocol: `/v1/embeddings`."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, Field

from searchapp.datatypes import FloatArray
from searchapp.search.arguments import MAX_QUERY_CHARACTERS
from searchapp.text.passages import estimate_tokens
from ui.pool import Pool
from ui.rest.errors import FAILURES
from ui.safety import public_name
from ui.schema import SOMETHING, Body, Name

MOST_TEXTS = 512
"""Maximum number of texts per request."""
DEFAULT_MODEL = "default"
"""Name of the default collection's encoder, because OpenAI's clients must name a model."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, pattern=SOMETHING)]


class EmbeddingRequest(Body):
    """Texts to embed."""

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)] = Field(
        description="One text or several.", examples=["why do leaves look green"]
    )
    model: Name = Field(
        "", description="A collection, whose encoder embeds the texts; empty or `default` for the default collection."
    )
    encoding_format: Literal["float", "base64"] = Field(
        "float", description="Numbers, or the bytes of little-endian 32-bit floats."
    )
    input_type: Literal["passage", "query"] = Field(
        "passage",
        description="What the texts are; some encoders embed queries in another way. Not in OpenAI's protocol.",
    )
    user: str | None = Field(None, max_length=500, description="Accepted for OpenAI's protocol and not used.")


class EmbeddingItem(BaseModel):
    """The embedding of one text."""

    object: Literal["embedding"] = "embedding"
    index: int = Field(description="Index of the text in the input, from 0.")
    embedding: list[float] | str = Field(description="Unit vector.")


class Usage(BaseModel):
    """An estimate from the number of characters, because encoders count tokens differently."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingAnswer(BaseModel):
    """The embeddings, in the order of the input."""

    object: Literal["list"] = "list"
    data: list[EmbeddingItem]
    model: str = Field(description="The encoder.")
    usage: Usage


def embedding_routes(pool: Pool) -> APIRouter:
    """Create the route for embeddings.

    Args:
        pool: Provides the clients of the collections.
    """
    routes = APIRouter(tags=["models"], responses=FAILURES)

    @routes.post("/embeddings", operation_id="embeddings")
    def embeddings(request: EmbeddingRequest) -> EmbeddingAnswer:
        """Embed texts with the encoder of a collection."""
        encoder = pool.client(collection_of(pool, request.model)).encoder
        texts = [request.input] if isinstance(request.input, str) else request.input
        encode = encoder.encode_queries if request.input_type == "query" else encoder.encode_passages
        tokens = sum(map(estimate_tokens, texts))
        items = [
            EmbeddingItem(index=index, embedding=_written(vector, request.encoding_format))
            for index, vector in enumerate(encode(texts))
        ]
        usage = Usage(prompt_tokens=tokens, total_tokens=tokens)
        return EmbeddingAnswer(data=items, model=public_name(encoder.name), usage=usage)

    return routes


def collection_of(pool: Pool, model: str) -> str:
    """Find the collection that a request means by its model; empty for the default one.

    Args:
        pool: Provides the clients of the collections.
        model: The model that the request names.
    """
    return "" if model == DEFAULT_MODEL and model not in pool.names() else model


def _written(vector: FloatArray, encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode("ascii")
    return [float(number) for number in vector]
