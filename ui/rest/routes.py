"""Define the REST routes: search, collections, languages, health."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, Field

from ui.answers import CollectionAnswer, LanguageCount, SearchAnswer, collection_answers, language_counts, search_answer
from ui.pool import Pool
from ui.rest.errors import ProblemAnswer, add_error_handlers
from ui.rest.schema import Name, SearchRequest

FAILURES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ProblemAnswer, "description": "The request is invalid; the message gives the reason."},
    "5XX": {"model": ProblemAnswer, "description": "The server failed."},
}


class Health(BaseModel):
    """Whether the server can answer."""

    status: str = Field(description="`ok`, or `empty` while there is no collection.")
    version: str = Field(description="The server's version.")
    collections: int = Field(description="Collections that can be searched.")


def rest_app(pool: Pool) -> FastAPI:
    """Create the application that is mounted at `/v1`.

    Args:
        pool: The collections.
    """
    app = FastAPI(
        title="searchapp",
        version=version("searchapp"),
        description="Search in every language, and see which ones the ranking favours.",
        openapi_url="/openapi.json",
        docs_url=None,  # it would load its script from another host
        redoc_url=None,
    )
    add_error_handlers(app)
    app.include_router(search_routes(pool))
    return app


def add_health(app: FastAPI, pool: Pool) -> None:
    """Add `/health` to an application.

    Args:
        app: The application.
        pool: The collections.
    """

    @app.get("/health")
    def health() -> Health:
        """Return whether the server can answer."""
        count = len(pool.names())
        return Health(status="ok" if count else "empty", version=version("searchapp"), collections=count)


def search_routes(pool: Pool) -> APIRouter:
    """Create the search routes.

    Args:
        pool: The collections.
    """
    routes = APIRouter(tags=["search"], responses=FAILURES)

    @routes.get("/search", operation_id="search")
    def search(request: Annotated[SearchRequest, Query()]) -> SearchAnswer:
        """Find passages for a query in any language, and report which languages are favoured."""
        return search_answer(pool, request)

    @routes.post("/search", operation_id="search_by_body")
    def search_by_body(request: SearchRequest) -> SearchAnswer:
        """Find passages; the arguments are in the body."""
        return search_answer(pool, request)

    @routes.get("/collections", operation_id="collections")
    def collections() -> list[CollectionAnswer]:
        """List the collections that can be searched."""
        return collection_answers(pool)

    @routes.get("/languages", operation_id="languages")
    def languages(
        collection: Annotated[Name, Query(description="Empty for the default one.")] = "",
    ) -> list[LanguageCount]:
        """List the languages of a collection with their number of passages, largest first."""
        return language_counts(pool, collection)

    return routes
