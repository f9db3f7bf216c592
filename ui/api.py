"""The typed endpoints `/search`, `/languages` and `/collections`, for `gradio_client`, plain HTTP and MCP."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import gradio as gr
from typing_extensions import TypedDict

from searchapp.datatypes import Hit, LanguageReport, SearchResult
from searchapp.errors import InputError, SearchAppError
from searchapp.text.languages import english_name, native_name
from ui.pool import Pool
from ui.rest.schema import read_request
from ui.safety import public_name, public_text

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
DEBIAS: dict[str, bool | None] = {"default": None, "on": True, "off": False}


class HitRecord(TypedDict):
    """One passage found."""

    rank: int
    id: str
    document_id: str
    language: str
    title: str
    text: str
    start: int
    end: int
    score: float
    scores: dict[str, float]
    metadata: dict[str, Any]


class LanguageRecord(TypedDict):
    """How one language fares among the hits."""

    language: str
    count: int
    share: float
    baseline: float
    lift: float | None
    lift_interval: list[float] | None
    verdict: str


class StepRecord(TypedDict):
    """What one stage after retrieval changed and cost."""

    name: str
    moved: int
    relevance_lost: float


class SearchRecord(TypedDict):
    """The answer to a query."""

    query: str
    query_languages: list[str]
    collection: str
    version: str
    mode: str
    hits: list[HitRecord]
    languages: list[LanguageRecord]
    steps: list[StepRecord]
    notes: list[str]
    milliseconds: float


class LanguageCount(TypedDict):
    """A language of a collection."""

    language: str
    name: str
    own_name: str
    passages: int


class CollectionRecord(TypedDict):
    """A collection that can be searched."""

    name: str
    version: str
    passages: int
    languages: int
    encoder: str
    built: str
    debias: str


def add_api(pool: Pool) -> None:
    """Add the endpoints to the page under construction.

    Args:
        pool: The collections.
    """

    def search(
        query: str,
        collection: str = "",
        languages: list[str] = [],  # noqa: B006 - the endpoint's documented default; never changed
        mode: str = "hybrid",
        limit: int = 10,
        offset: int = 0,
        balance: float = 0.0,
        per_language: int = 0,
        debias: str = "default",
    ) -> SearchRecord:
        """Find passages for a query in any language, or in several at once, and report which languages are favoured.

        Args:
            query: Text in any language; up to 10,000 characters.
            collection: Name of the collection; empty for the default one.
            languages: Only passages in these (BCP 47 codes such as "de"); empty for all.
            mode: "hybrid", "dense" (meaning) or "lexical" (words).
            limit: Number of hits, 1 to 100.
            offset: Hits to leave out before the first one.
            balance: 0 ranks by relevance alone, 1 gives each language the places of its share.
            per_language: Most hits in one language; 0 sets no limit.
            debias: "default" (as the collection was built), "on" or "off".
        """

        def found() -> SearchRecord:
            if not isinstance(debias, str) or debias not in DEBIAS:
                raise InputError(f"debias is {debias!r:.60}, expected one of {', '.join(DEBIAS)}")
            request = read_request(
                {
                    "query": query, "collection": "" if collection is None else collection,
                    "languages": [] if languages is None else languages, "mode": mode,
                    "limit": limit, "offset": offset, "balance": balance, "per_language": per_language,
                    "debias": DEBIAS[debias],
                }
            )  # fmt: skip
            return search_record(
                pool.client(request.collection).search(
                    request.query,
                    limit=request.limit,
                    offset=request.offset,
                    languages=request.languages or None,
                    mode=request.mode,
                    ranking=request.ranking,
                )
            )

        return answered(found)

    def languages(collection: str = "") -> list[LanguageCount]:
        """List the languages of a collection with their number of passages, most first.

        Args:
            collection: Name of the collection; empty for the default one.
        """
        return answered(lambda: language_counts(pool, collection))

    def collections() -> list[CollectionRecord]:
        """List the collections that can be searched."""
        return answered(lambda: collection_records(pool))

    for endpoint in (search, languages, collections):
        gr.api(endpoint, api_name=endpoint.__name__, queue=False)


def answered(work: Callable[[], Answer]) -> Answer:
    """Do the work of an endpoint; whatever goes wrong becomes an error with a message for people.

    Args:
        work: The work.
    """
    try:
        return work()
    except SearchAppError as error:
        raise gr.Error(public_text(str(error)), print_exception=False) from error
    except Exception as error:
        logger.exception("unexpected error")
        raise gr.Error("something unexpected happened; the details are in the server's log") from error


def language_counts(pool: Pool, collection: str) -> list[LanguageCount]:
    """Count the passages of a collection by language, most first.

    Args:
        pool: The collections.
        collection: Name of the collection; empty for the default one.
    """
    if not isinstance(collection, str):
        raise InputError(f"collection is {collection!r:.60}, expected a name")
    return [
        LanguageCount(language=code, name=english_name(code), own_name=native_name(code), passages=count)
        for code, count in pool.client(collection).languages().items()
    ]


def collection_records(pool: Pool) -> list[CollectionRecord]:
    """Describe the collections that can be searched; one that cannot be opened is left out.

    Args:
        pool: The collections.
    """
    return [record for name in pool.names() if (record := _collection(pool, name))]


def search_record(result: SearchResult) -> SearchRecord:
    """Turn a result into plain values.

    Args:
        result: The result.
    """
    return SearchRecord(
        query=result.query,
        query_languages=list(result.languages),
        collection=result.collection,
        version=result.version,
        mode=result.mode,
        hits=[_hit_record(hit) for hit in result.hits],
        languages=language_records(result.report),
        steps=[
            StepRecord(name=step.name, moved=len(step.moves), relevance_lost=step.relevance_lost)
            for step in result.steps
        ],
        notes=[public_text(note) for note in result.notes],
        milliseconds=round(result.timings.get("total", 0.0), 2),
    )


def _hit_record(hit: Hit) -> HitRecord:
    return HitRecord(
        rank=hit.rank,
        id=hit.id,
        document_id=hit.document_id,
        language=hit.language,
        title=hit.title,
        text=hit.text,
        start=hit.start,
        end=hit.end,
        score=hit.score,
        scores=dict(hit.scores),
        metadata=dict(hit.payload),
    )


def language_records(report: LanguageReport) -> list[LanguageRecord]:
    """Turn a report into plain values.

    Args:
        report: The report.
    """
    return [
        LanguageRecord(
            language=share.language,
            count=share.count,
            share=share.share,
            baseline=share.baseline,
            lift=share.lift,
            lift_interval=None if share.lift_interval is None else list(share.lift_interval),
            verdict=share.verdict,
        )
        for share in report.shares
    ]


def _collection(pool: Pool, name: str) -> CollectionRecord | None:
    try:
        manifest = pool.client(name).manifest()
    except SearchAppError:
        return None
    return CollectionRecord(
        name=name,
        version=manifest.version,
        passages=manifest.points,
        languages=len(manifest.languages),
        encoder=public_name(manifest.encoder),
        built=manifest.created,
        debias=manifest.debias.name if manifest.debias else "",
    )
