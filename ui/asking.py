"""Search a collection with the page's settings and group the hits for display."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from searchapp.client import SearchClient
from searchapp.datatypes import Hit, SearchResult
from ui.state import Settings

CROWDED = 4
"""Minimum number of hits before one document can be said to fill the page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits.

    Attributes:
        result: The result, without exact copies of earlier hits.
        grouped: Whether each document is shown only once, because one filled the page.
        copies: Id of a hit -> ids of the documents with exactly the same text.
        more: Whether there may be another page.
    """

    result: SearchResult
    grouped: bool = False
    copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: bool = False


def ask(client: SearchClient, settings: Settings) -> Page:
    """Search with the page's settings; group documents and remove copies that would fill the page.

    Args:
        client: Client of the collection.
        settings: The query and its settings.
    """
    result = search(client, settings)
    more = len(result.hits) == settings.limit
    grouped = settings.collapse == "auto" and crowded(result.hits)
    if grouped:
        result = search(client, replace(settings, collapse="document"))
    hits, copies = distinct(result.hits)
    return Page(replace(result, hits=hits), grouped, copies, more)


def search(client: SearchClient, settings: Settings) -> SearchResult:
    """Search with the page's settings, without grouping.

    Args:
        client: Client of the collection.
        settings: The query and its settings; `auto` collapses nothing here.
    """
    languages = settings.languages or None
    ranking = settings.ranking
    if settings.similar:
        return client.similar(
            settings.similar, limit=settings.limit, offset=settings.offset, languages=languages, ranking=ranking
        )
    return client.search(
        settings.query,
        limit=settings.limit,
        offset=settings.offset,
        languages=languages,
        mode=settings.mode,
        ranking=ranking,
    )


def crowded(hits: Sequence[Hit]) -> bool:
    """Return whether one document has more than half of the hits.

    Args:
        hits: Hits of a page.
    """
    counts = Counter(hit.document_id for hit in hits)
    return len(hits) >= CROWDED and max(counts.values()) > len(hits) / 2


def distinct(hits: Sequence[Hit]) -> tuple[tuple[Hit, ...], dict[str, tuple[str, ...]]]:
    """Remove hits with exactly the same text and language as an earlier one.

    Args:
        hits: Hits of a page.

    Returns:
        The other hits, and the documents of the copies by hit id.
    """
    first: dict[tuple[str, str, str], Hit] = {}
    copies: dict[str, tuple[str, ...]] = {}
    for hit in hits:
        shown = first.setdefault((hit.language, hit.title, " ".join(hit.text.split())), hit)
        if shown is not hit:
            copies[shown.id] = (*copies.get(shown.id, ()), hit.document_id)
    return tuple(first.values()), copies
