"""The answers: how the query was understood, and a card for each hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from searchapp.datatypes import Hit, LanguageSpan, SearchResult
from searchapp.text.languages import english_name
from searchapp.text.snippets import snippet
from ui.views.highlight import marked
from ui.views.orders import Placed, first_ranks
from ui.views.panel import ribbon
from ui.views.parts import badge, hue, message_view, text_direction
from ui.views.scores import scores_view


def results_view(result: SearchResult, *, state: str = "", like: str = "") -> str:
    """The query's languages and the cards.

    Args:
        state: The search as an address says it; the page's script writes it into the address bar.
        like: Title of the passage whose like was searched, instead of a query.
    """
    notes = "".join(f'<p class="note" role="note">{escape(note)}</p>' for note in result.notes)
    if not result.hits:
        body = message_view("No passage matches.", "Try fewer filters or other words; any language will do.")
        return f'<section class="results" data-state="{escape(state)}">{query_view(result, like=like)}{notes}{body}</section>'
    ranks = first_ranks(result) if result.steps and not result.offset else {}
    cards = "".join(
        card(hit, result.spans, scores=scores_view(hit, result), moved=_moved(hit, result, ranks))
        for hit in result.hits
    )
    return (
        f'<section class="results" aria-label="Results" data-state="{escape(state)}">'
        f'{query_view(result, like=like)}{notes}{_glance(result)}<ol class="cards">{cards}</ol></section>'
    )


def _glance(result: SearchResult) -> str:
    """On narrow screens, where the panel comes after the cards: its ribbon, and a way there."""
    places = ribbon([Placed(hit.id, hit.language) for hit in result.hits], label="Languages by rank, at a glance")
    return f'<div class="glance">{places}<a href="#finding">Languages ↓</a></div>'


def query_view(result: SearchResult, *, like: str = "") -> str:
    """The query with the language of each span, and how long the answer took."""
    said = (
        f'<span class="like">Passages like “{escape(like)}”</span>'
        if like
        else " ".join(_span(span) for span in result.spans)
    )
    found = f"{len(result.hits)} {'hit' if len(result.hits) == 1 else 'hits'}"
    return (
        f'<p class="query"><span class="asked">{said}</span> <span class="quiet">{found} · '
        f"{result.timings.get('total', 0):.0f} ms · {escape(result.mode)}</span></p>"
    )


def card(hit: Hit, query: str | Sequence[LanguageSpan], *, scores: str = "", moved: str = "") -> str:
    """One hit: language, title, highlighted excerpt in its own direction, and where it is from.

    Args:
        query: As `snippet` takes it.
        scores: The parts of its score, drawn.
        moved: How far it moved, drawn.
    """
    language = escape(hit.language)
    title = escape(hit.title) or escape(hit.document_id)
    name = escape(english_name(hit.language))
    return (
        f'<li class="card" data-language="{language}" data-id="{escape(hit.id)}" tabindex="0" '
        f'aria-label="{hit.rank}. {title}, {name}" style="--hue:{hue(hit.language)}">'
        f'<div class="line"><span class="rank">{hit.rank}</span>'
        f'<h3 dir="auto" lang="{language}">{title}</h3>{moved}{badge(hit.language)}</div>'
        f"{_text(hit, query)}"
        f'{_also(hit)}<div class="versions"></div>{scores}'
        f'<div class="foot"><span class="source quiet"><bdi>{escape(hit.document_id)}</bdi> · characters '
        f'{hit.start}–{hit.end}</span><span class="acts">'
        f'<button type="button" data-similar="{escape(hit.id)}">More like this</button>'
        f'<button type="button" data-translations="{escape(hit.id)}" aria-expanded="false">Same passage in other '
        'languages</button></span></div><div class="twins" hidden></div></li>'
    )


def _text(hit: Hit, query: str | Sequence[LanguageSpan]) -> str:
    """The excerpt that answers best, and the whole passage behind a switch where it is longer."""
    excerpt = snippet(hit.text, query, hit.language)
    attributes = f'dir="{text_direction(hit.language)}" lang="{escape(hit.language)}"'
    before, after = "… " if excerpt.start else "", " …" if excerpt.end < len(hit.text) else ""
    shown = f'<p class="text" {attributes}>{before}{marked(excerpt)}{after}</p>'
    if not before and not after:
        return shown
    whole = marked(snippet(hit.text, query, hit.language, length=None))
    return f'{shown}<details class="whole"><summary>Whole passage</summary><p class="text" {attributes}>{whole}</p></details>'


def _also(hit: Hit) -> str:
    """The languages of what was collapsed into a hit."""
    if not hit.also_in:
        return ""
    return f'<p class="also"><span class="quiet">also in</span>{"".join(badge(code) for code in hit.also_in)}</p>'


def _moved(hit: Hit, result: SearchResult, ranks: Mapping[str, int]) -> str:
    """How far the steps after retrieval moved a hit."""
    if not ranks:
        return ""
    before = ranks.get(hit.id)
    steps = ", ".join(step.name for step in result.steps if any(move.id == hit.id for move in step.moves))
    if before is None:
        return f'<span class="moved up" title="Came in from below, by {escape(steps)}">▲ new</span>'
    if before == hit.rank:
        return ""
    way, sign = ("up", "▲") if before > hit.rank else ("down", "▼")
    hint = f"Was rank {before}; moved by {steps}"
    return f'<span class="moved {way}" title="{escape(hint)}">{sign} {abs(before - hit.rank)}</span>'


def _span(span: LanguageSpan) -> str:
    text = escape(span.text.strip())
    return (
        f'<span class="span" style="--hue:{hue(span.language)}" title="{escape(english_name(span.language))}">'
        f'<bdi lang="{escape(span.language)}">{text}</bdi><small>{escape(span.language)}</small></span>'
    )
