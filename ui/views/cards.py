"""Render the hits: the languages of the query, facets, a card for each hit, and the next page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from searchapp.datatypes import Hit, LanguageSpan, SearchResult
from searchapp.text.snippets import snippet
from ui.asking import Page
from ui.safety import public_text
from ui.state import DEFAULTS, Settings
from ui.views.highlight import marked
from ui.views.orders import first_ranks
from ui.views.parts import shortened
from ui.views.scores import scores_view
from ui.views.templates import draw, html
from ui.wording import Wording

LINKS = ("url", "link", "source", "href", "uri")
"""Metadata fields that may contain the address of a document."""
LONGEST = 200
"""Maximum characters of a query shown above its hits."""


def results_view(
    page: Page, say: Wording, *, settings: Settings = DEFAULTS, state: str = "", like: str = "", parallel: bool = True
) -> str:
    """Render the query's languages, the facets, the cards and the link to the next page.

    Args:
        page: Hits, copies of them, and whether there are more.
        say: Texts in the language of the page.
        settings: The query and its settings.
        state: The search in the form of an address, which the page's script puts into the address bar.
        like: Beginning of the passage to which similar ones were searched, if there is no query.
        parallel: Whether passages may have translations in the collection.
    """
    result = page.result
    ranks = first_ranks(result) if result.steps and not result.offset else {}
    cards = [
        card(
            hit,
            result.spans,
            say,
            scores=scores_view(hit, result),
            moved=_moved(hit, result, ranks, say),
            copies=page.copies.get(hit.id, ()),
            parallel=parallel,
        )
        for hit in result.hits
    ]
    long = len(result.query) > LONGEST
    return draw(
        "results",
        say,
        state=state,
        like=like,
        spans=[] if long else [(span, span.text.strip()) for span in result.spans],
        query=shortened(result.query, most=LONGEST),
        count=len(result.hits),
        milliseconds=f"{result.timings.get('total', 0):.0f}",
        mode=say(f"mode.{result.mode}") if f"mode.{result.mode}" in say.texts else result.mode,
        facets=_facets(result.hits, settings.languages),
        notes=[public_text(note) for note in result.notes],
        grouped=page.grouped,
        irrelevant=result.nothing_relevant,
        cards=[html(drawn) for drawn in cards],
        number=settings.page,
        more=page.more,
    )


def card(
    hit: Hit,
    query: str | Sequence[LanguageSpan],
    say: Wording,
    *,
    scores: str = "",
    moved: str = "",
    copies: Sequence[str] = (),
    parallel: bool = True,
) -> str:
    """Render one hit: language, title, excerpt in its own direction, origin, and why it was found.

    Args:
        hit: Hit to render.
        query: A query as for `snippet`.
        say: Texts in the language of the page.
        scores: The rendered parts of the hit's score.
        moved: The rendered change of the hit's rank.
        copies: Documents with exactly the same text.
        parallel: Whether the hit may have translations in the collection.
    """
    excerpt = snippet(hit.text, query, hit.language)
    whole = excerpt.start == 0 and excerpt.end >= len(hit.text)
    return draw(
        "card",
        say,
        hit=hit,
        title=html(marked(snippet(hit.title, query, hit.language, length=None))) if hit.title else hit.document_id,
        plain=hit.title or hit.document_id,
        before="… " if excerpt.start else "",
        excerpt=html(marked(excerpt)),
        after=" …" if excerpt.end < len(hit.text) else "",
        whole=None if whole else html(marked(snippet(hit.text, query, hit.language, length=None))),
        scores=html(scores),
        moved=html(moved),
        copies=copies,
        link=_link(hit.payload),
        parallel=parallel,
    )


def _facets(hits: Sequence[Hit], chosen: Sequence[str]) -> list[tuple[str, int, bool]]:
    """Return language, number of hits on the page and whether it is selected; most hits first."""
    counts = Counter(hit.language for hit in hits)
    counts.update(dict.fromkeys(chosen, 0))
    return [(code, count, code in chosen) for code, count in counts.most_common()]


def _link(payload: Mapping[str, object]) -> str:
    """Return the address of a hit's document if its metadata contains a web address."""
    for name in LINKS:
        value = payload.get(name)
        if isinstance(value, str) and value.startswith(("https://", "http://")):
            try:
                found = urlsplit(value)
            except ValueError:
                continue
            if found.hostname and "@" not in found.netloc:
                return value
    return ""


def _moved(hit: Hit, result: SearchResult, ranks: Mapping[str, int], say: Wording) -> str:
    """Render how far the stages after retrieval moved a hit."""
    if not ranks:
        return ""
    before = ranks.get(hit.id)
    steps = ", ".join(
        say(f"step.{step.name}") if f"step.{step.name}" in say.texts else step.name
        for step in result.steps
        if any(move.id == hit.id for move in step.moves)
    )
    if before == hit.rank:
        return ""
    up = before is None or before > hit.rank
    hint = say("moved.new", steps=steps) if before is None else say("moved.was", rank=before, steps=steps)
    by = say("moved.in") if before is None else str(abs(before - hit.rank))
    return draw("moved", say, up=up, hint=hint, by=by)
