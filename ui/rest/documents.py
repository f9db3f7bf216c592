"""Add, replace and remove documents: `/v1/documents`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import Field

from ui.building import Builds
from ui.changes import MOST_DOCUMENTS, AdditionAnswer, Id, NewDocument, RemovalAnswer, add, remove
from ui.pool import Pool
from ui.rest.errors import FAILURES
from ui.schema import Body, Name

READ_ONLY = "this server is read-only, so its collections cannot be changed; serve it without --read-only"


class AdditionRequest(Body):
    """Documents to add to a collection."""

    documents: list[NewDocument] = Field(min_length=1, max_length=MOST_DOCUMENTS)
    collection: Name = Field("", description="Name of the collection; empty for the default one.")


def document_routes(pool: Pool, builds: Builds | None) -> APIRouter:
    """Create the routes that change collections.

    Args:
        pool: Provides the clients of the collections.
        builds: Changes the collections; None for a read-only server, which rejects every change with status 403.
    """
    routes = APIRouter(tags=["documents"], responses=FAILURES)

    @routes.post("/documents", operation_id="add_documents")
    def add_documents(request: AdditionRequest) -> AdditionAnswer:
        """Add documents, or replace those with the same ids; the answer comes when they can be searched."""
        return add(pool, _allowed(builds), request.documents, collection=request.collection)

    @routes.delete("/documents", operation_id="remove_documents")
    def remove_documents(
        id: Annotated[  # noqa: A002
            list[Id], Query(min_length=1, max_length=MOST_DOCUMENTS, description="Id of a document; repeatable.")
        ],
        collection: Annotated[Name, Query(description="Empty for the default one.")] = "",
    ) -> RemovalAnswer:
        """Remove documents by their ids; a rollback to the previous version brings them back."""
        return remove(pool, _allowed(builds), id, collection=collection)

    return routes


def _allowed(builds: Builds | None) -> Builds:
    if builds is None:
        raise HTTPException(403, READ_ONLY)
    return builds
