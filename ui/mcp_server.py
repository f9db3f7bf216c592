"""Offer the collections as MCP tools, over stdio or HTTP, without the page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Annotated, TypeVar

import anyio.to_thread
from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from searchapp.datatypes import Mode
from searchapp.errors import SearchAppError
from searchapp.search.probe import ProbeResult
from ui.answers import (
    CollectionAnswer,
    HitAnswer,
    LanguageCount,
    ReportAnswer,
    SearchAnswer,
    collection_answers,
    language_counts,
    search_answer,
)
from ui.building import Builds
from ui.changes import MOST_DOCUMENTS, AdditionAnswer, NewDocument, add
from ui.guards.asgi import App
from ui.guards.bodies import MAX_BODY, BodyLimit
from ui.guards.hosts import AllowedHosts, HostGuard
from ui.guards.login import LoginGuard
from ui.pool import Pool
from ui.safety import login_check, public_text
from ui.schema import read_request

logger = logging.getLogger(__name__)

INSTRUCTIONS = (
    "Multilingual semantic search. A query in any language finds passages in all languages; the report says which languages "
    "the ranking favours. Call `collections` first if you do not know the name of a collection."
)
READS = ToolAnnotations(readOnlyHint=True, openWorldHint=False)
WRITES = ToolAnnotations(readOnlyHint=False, destructiveHint=True, idempotentHint=True, openWorldHint=False)

Answer = TypeVar("Answer")
Collection = Annotated[str, Field(description="Name of the collection; empty for the default one.")]


class VariantAnswer(TypedDict):
    """The question in another language: fields of `ProbeVariant`."""

    language: str
    query: str
    overlap: float
    group_overlap: float
    rank_correlation: float | None
    report: ReportAnswer


class ProbeAnswer(TypedDict):
    """The comparison of a question's results in several languages: fields of `ProbeResult`."""

    overlap: float
    group_overlap: float
    groups: str
    original: ReportAnswer
    variants: list[VariantAnswer]
    missed: list[HitAnswer]
    notes: list[str]


def mcp_server(pool: Pool, *, builds: Builds | None = None) -> FastMCP:
    """Create the server. It answers before any model is loaded; the first search of a collection loads its encoder.

    Args:
        pool: The collections; the caller keeps it open while the server runs.
        builds: Changes the collections; None for a server without `add_documents`.
    """
    server = FastMCP(
        "searchapp",
        instructions=INSTRUCTIONS,
        stateless_http=True,
        json_response=True,
        # HostGuard checks Host and Origin, because it also knows the addresses of a server on all interfaces.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    server._mcp_server.version = version("searchapp")  # FastMCP takes none, and reports that of the package mcp
    _add_finding(server, pool)
    _add_probe(server, pool)
    if builds is not None:
        _add_writing(server, pool, builds)
    return server


def http_app(server: FastMCP, *, host: str, hosts: tuple[str, ...] = (), users: Mapping[str, str] | None = None) -> App:
    """Create the ASGI application that serves the tools at `/mcp` (streamable HTTP) behind the page's guards.

    Args:
        server: MCP server with the tools.
        host: Address that it listens on.
        hosts: Other host names under which it may be reached.
        users: User names and passwords (HTTP Basic); None to require no login.
    """
    app: App = BodyLimit(server.streamable_http_app(), upload=MAX_BODY)
    if users:
        app = LoginGuard(app, check=login_check(users), session=lambda cookies: None)
    return HostGuard(app, allowed=AllowedHosts.listening_on(host, hosts))


def _add_finding(server: FastMCP, pool: Pool) -> None:
    """Add the tools that search, and that list what can be searched."""

    @server.tool(annotations=READS)
    async def search(
        query: Annotated[str, Field(description="Text in one or several languages, up to 10,000 characters.")],
        collection: Collection = "",
        languages: Annotated[
            list[str] | None, Field(description="Languages to search (BCP 47 codes such as de); empty for all.")
        ] = None,
        mode: Annotated[Mode, Field(description="Meaning (dense), words (lexical), or both.")] = "hybrid",
        limit: Annotated[int, Field(description="Number of hits, 1 to 100.")] = 10,
        offset: Annotated[int, Field(description="Number of hits to skip.")] = 0,
        balance: Annotated[
            float, Field(description="0 ranks by relevance alone, 1 gives each language its share of the places.")
        ] = 0.0,
        per_language: Annotated[int, Field(description="Most hits in one language; 0 sets no limit.")] = 0,
    ) -> SearchAnswer:
        """Find passages for a query in any language, or in several at once, and report which languages are favoured."""

        def found() -> SearchAnswer:
            request = read_request(
                {
                    "query": query, "collection": collection, "languages": languages or [], "mode": mode,
                    "limit": limit, "offset": offset, "balance": balance, "per_language": per_language,
                }
            )  # fmt: skip
            return search_answer(pool, request)

        return await _answered(found)

    @server.tool(annotations=READS)
    async def languages(collection: Collection = "") -> list[LanguageCount]:
        """List the languages of a collection with their number of passages, largest first."""
        return await _answered(lambda: language_counts(pool, collection))

    @server.tool(annotations=READS)
    async def collections() -> list[CollectionAnswer]:
        """List the collections that can be searched."""
        return await _answered(lambda: collection_answers(pool))


def _add_probe(server: FastMCP, pool: Pool) -> None:
    """Add the tool that compares the hits of a question and of its translations."""

    @server.tool(annotations=READS)
    async def probe(
        query: Annotated[str, Field(description="The question.")],
        translations: Annotated[dict[str, str], Field(description="Language code -> the question in that language.")],
        collection: Collection = "",
        limit: Annotated[int, Field(description="Number of hits to compare, 1 to 100.")] = 10,
        mode: Annotated[Mode, Field(description="Meaning (dense), words (lexical), or both.")] = "hybrid",
    ) -> ProbeAnswer:
        """Ask the same question in other languages and compare what is found; without language bias it is the same."""

        def compared() -> ProbeAnswer:
            request = read_request({"query": query, "collection": collection, "mode": mode, "limit": limit})
            client = pool.client(request.collection)
            return _probe_answer(client.probe(query, translations, limit=limit, mode=mode))

        return await _answered(compared)


def _add_writing(server: FastMCP, pool: Pool, builds: Builds) -> None:
    """Add the tool that changes a collection."""

    @server.tool(annotations=WRITES)
    async def add_documents(
        documents: Annotated[list[NewDocument], Field(min_length=1, max_length=MOST_DOCUMENTS)],
        collection: Collection = "",
    ) -> AdditionAnswer:
        """Add documents to a collection, or replace those with the same ids; the answer comes when they can be found."""
        return await _answered(lambda: add(pool, builds, documents, collection=collection))


def _probe_answer(result: ProbeResult) -> ProbeAnswer:
    return {
        "overlap": result.overlap,
        "group_overlap": result.group_overlap,
        "groups": result.groups,
        "original": result.original.report.to_dict(),  # type: ignore[typeddict-item]  # plain values of the same names
        "variants": [
            {
                "language": variant.language,
                "query": variant.query,
                "overlap": variant.overlap,
                "group_overlap": variant.group_overlap,
                "rank_correlation": variant.rank_correlation,
                "report": variant.report.to_dict(),  # type: ignore[typeddict-item]
            }
            for variant in result.variants
        ],
        "missed": [hit.to_dict() for hit in result.missed],  # type: ignore[misc]
        "notes": [public_text(note) for note in result.notes],
    }


async def _answered(work: Callable[[], Answer]) -> Answer:
    """Do the work in a thread, so that other calls go on, and convert any failure to an error with a message for people."""
    try:
        return await anyio.to_thread.run_sync(work)
    except SearchAppError as error:
        raise ToolError(public_text(str(error))) from error
    except Exception as error:
        logger.exception("unexpected error")
        raise ToolError("something unexpected happened; the details are in the server's log") from error
