"""Define and create the responses of the page's endpoints and the REST routes; a search returns `SearchResult.to_dict()`."""

from __future__ import annotations

from typing import Any, cast

from typing_extensions import TypedDict

from searchapp.errors import InputError, SearchAppError
from searchapp.text.languages import english_name, native_name
from ui.pool import Pool
from ui.safety import public_name, public_text
from ui.schema import SearchRequest


class HitAnswer(TypedDict):
    """A passage that was found: the fields of `Hit`."""

    id: str
    document_id: str
    rank: int
    score: float
    scores: dict[str, float]
    title: str
    text: str
    language: str
    start: int
    end: int
    payload: dict[str, Any]
    also_in: dict[str, list[str]]
    relevant: bool | None


class ShareAnswer(TypedDict):
    """One language's share of the hits: the fields of `LanguageShare`."""

    language: str
    count: int
    total: int
    baseline: float
    low: float
    high: float
    share: float
    lift: float | None
    lift_interval: list[float] | None
    verdict: str


class ReportAnswer(TypedDict):
    """Which languages the hits favour: the fields of `LanguageReport`."""

    baseline: str
    confidence: float
    languages: list[ShareAnswer]


class MoveAnswer(TypedDict):
    """A passage that a stage moved: the fields of `Move`."""

    id: str
    language: str
    before: int | None
    after: int | None


class StepAnswer(TypedDict):
    """What a stage after retrieval changed and cost: the fields of `RankingStep`."""

    name: str
    moves: list[MoveAnswer]
    relevance_lost: float
    before: ReportAnswer


class SpanAnswer(TypedDict):
    """A span of the query in one language: the fields of `LanguageSpan`."""

    text: str
    start: int
    end: int
    language: str
    confidence: float
    script: str
    alternatives: list[str]


class SearchAnswer(TypedDict):
    """The result of a query: the fields of `SearchResult`."""

    query: str
    languages: list[str]
    spans: list[SpanAnswer]
    collection: str
    version: str
    mode: str
    offset: int
    nothing_relevant: bool
    hits: list[HitAnswer]
    report: ReportAnswer
    steps: list[StepAnswer]
    unmatched: list[str]
    notes: list[str]
    timings: dict[str, float]


class LanguageCount(TypedDict):
    """A language of a collection."""

    language: str
    name: str
    own_name: str
    passages: int


class CollectionAnswer(TypedDict):
    """A collection that can be searched."""

    name: str
    version: str
    passages: int
    languages: int
    encoder: str
    built: str
    debias: str


def search_answer(pool: Pool, request: SearchRequest) -> SearchAnswer:
    """Run the search of a request. Its notes contain no path or address of the server.

    Args:
        pool: Provides the clients of the collections.
        request: The query and the options of its search.
    """
    result = pool.client(request.collection).search(
        request.query,
        limit=request.limit,
        offset=request.offset,
        languages=request.languages or None,
        mode=request.mode,
        ranking=request.ranking,
    )
    return cast(SearchAnswer, {**result.to_dict(), "notes": [public_text(note) for note in result.notes]})


def language_counts(pool: Pool, collection: str) -> list[LanguageCount]:
    """Count the passages of a collection by language, largest first.

    Args:
        pool: Provides the clients of the collections.
        collection: Name of the collection; empty for the default one.
    """
    if not isinstance(collection, str):
        raise InputError(f"collection is {collection!r:.60}, expected a name")
    return [
        LanguageCount(language=code, name=english_name(code), own_name=native_name(code), passages=count)
        for code, count in pool.client(collection).languages().items()
    ]


def collection_answers(pool: Pool) -> list[CollectionAnswer]:
    """Describe the collections that can be searched; those that cannot be opened are left out.

    Args:
        pool: Provides the clients of the collections.
    """
    return [answer for name in pool.names() if (answer := _collection(pool, name))]


def _collection(pool: Pool, name: str) -> CollectionAnswer | None:
    try:
        manifest = pool.client(name).manifest()
    except SearchAppError:
        return None
    return CollectionAnswer(
        name=name,
        version=manifest.version,
        passages=manifest.points,
        languages=len(manifest.languages),
        encoder=public_name(manifest.encoder),
        built=manifest.created,
        debias=manifest.debias.name if manifest.debias else "",
    )
