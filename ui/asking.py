"""Asks a collection what the page's settings say, and tidies what comes back for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from searchapp.client import SearchClient
from searchapp.datatypes import Hit, SearchResult
from ui.state import Settings

CROWDED = 4
"""Hits from which one document can be said to fill the page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits.

    Attributes:
        result: The result, without exact copies of a hit above.
        grouped: Whether each document is shown once because one of them filled the page.
        copies: Id of a hit -> ids of the documents that say exactly the same.
        more: Whether there may be another page.
    """

    result: SearchResult
    grouped: bool = False
    copies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: bool = False


def ask(client: SearchClient, settings: Settings) -> Page:
    """Search as the settings say; documents are grouped and copies left out where they would fill the page.

    Args:
        client: The collection's client.
        settings: The search.
    """
    result = search(client, settings)
    more = len(result.hits) == settings.limit
    grouped = settings.collapse == "auto" and crowded(result.hits)
    if grouped:
        result = search(client, replace(settings, collapse="document"))
    hits, copies = distinct(result.hits)
    return Page(replace(result, hits=hits), grouped, copies, more)


def search(client: SearchClient, settings: Settings) -> SearchResult:
    """Search as the settings say, and nothing else.

    Args:
        client: The collection's client.
        settings: The search; `auto` collapses nothing here.
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
    """Whether one document has more than half of the hits.

    Args:
        hits: Of a page.
    """
    counts = Counter(hit.document_id for hit in hits)
    return len(hits) >= CROWDED and max(counts.values()) > len(hits) / 2


def distinct(hits: Sequence[Hit]) -> tuple[tuple[Hit, ...], dict[str, tuple[str, ...]]]:
    """Leave out hits that say exactly what one above says, in the same language.

    Args:
        hits: Of a page.

    Returns:
        The other hits, and for each that stands for more the documents of its copies.
    """
    first: dict[tuple[str, str, str], Hit] = {}
    copies: dict[str, tuple[str, ...]] = {}
    for hit in hits:
        shown = first.setdefault((hit.language, hit.title, " ".join(hit.text.split())), hit)
        if shown is not hit:
            copies[shown.id] = (*copies.get(shown.id, ()), hit.document_id)
    return tuple(first.values()), copies
