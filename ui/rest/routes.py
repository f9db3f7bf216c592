"""Define the REST routes: search, collections, languages, health; assemble those of the other files."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, Field

from ui.answers import CollectionAnswer, LanguageCount, SearchAnswer, collection_answers, language_counts, search_answer
from ui.building import Builds
from ui.metrics import Metrics
from ui.pool import Pool
from ui.rest.documents import document_routes
from ui.rest.embeddings import embedding_routes
from ui.rest.errors import FAILURES, add_error_handlers
from ui.rest.rerank import rerank_routes
from ui.schema import Name, SearchAddress, SearchRequest


class Health(BaseModel):
    """Return whether the server can answer."""

    status: str = Field(description="`ok`, or `empty` while there is no collection.")
    version: str = Field(description="The server's version.")
    collections: int = Field(description="Collections that can be searched.")


def rest_app(pool: Pool, *, metrics: Metrics, builds: Builds | None = None) -> FastAPI:
    """Create the application that is mounted at `/v1`.

    Args:
        pool: Provides the clients of the collections.
        metrics: Counts the searches.
        builds: Changes the collections; None for a read-only server.
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
    for routes in (
        search_routes(pool, metrics),
        document_routes(pool, builds),
        embedding_routes(pool),
        rerank_routes(pool),
    ):
        app.include_router(routes)
    return app


def add_health(app: FastAPI, pool: Pool) -> None:
    """Add `/health` to an application.

    Args:
        app: Application that gets the route.
        pool: Provides the clients of the collections.
    """

    @app.get("/health")
    def health() -> Health:
        """Return whether the server can answer."""
        count = len(pool.names())
        return Health(status="ok" if count else "empty", version=version("searchapp"), collections=count)


def search_routes(pool: Pool, metrics: Metrics) -> APIRouter:
    """Create the search routes.

    Args:
        pool: Provides the clients of the collections.
        metrics: Counts the searches.
    """
    routes = APIRouter(tags=["search"], responses=FAILURES)

    def answered(request: SearchRequest) -> SearchAnswer:
        found = search_answer(pool, request)
        metrics.searched(found["collection"])
        return found

    @routes.get("/search", operation_id="search")
    def search(request: Annotated[SearchAddress, Query()]) -> SearchAnswer:
        """Find passages for a query in any language, and report which languages are favoured."""
        return answered(request)

    @routes.post("/search", operation_id="search_by_body")
    def search_by_body(request: SearchRequest) -> SearchAnswer:
        """Find passages; the arguments are in the body."""
        return answered(request)

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
