"""Results as HTML: pure functions of a SearchResult; everything that comes from outside is escaped."""

from __future__ import annotations

import re
from html import escape

from searchapp.datatypes import Hit, LanguageSpan, SearchResult
from searchapp.languages import direction, english_name, native_name
from ui.charts import hue

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
PREFIX = 4
"""Letters that two words must share at their beginning to count as forms of one word."""


def results_view(result: SearchResult) -> str:
    """The query's languages and the cards."""
    if not result.hits:
        return message_view("No passage matches.", "Try fewer filters or other words; any language will do.")
    notes = "".join(f'<p class="note" role="status">{escape(note)}</p>' for note in result.notes)
    cards = "".join(card(hit, result.query) for hit in result.hits)
    return (
        f'<section class="results" aria-label="Results">{query_view(result)}{notes}'
        f'<ol class="cards">{cards}</ol></section>'
    )


def query_view(result: SearchResult) -> str:
    """The query with the language of each span, and how long the answer took."""
    spans = " ".join(_span(span) for span in result.spans)
    return (
        f'<p class="query">{spans} <span class="quiet">{len(result.hits)} hits · {result.timings["total"]:.0f} ms · '
        f"{escape(result.mode)}</span></p>"
    )


def card(hit: Hit, query: str) -> str:
    """One hit: language badge, title, highlighted text in its own direction, score and its parts."""
    language = escape(hit.language)
    parts = " · ".join(f"{escape(name)} {value:.3f}" for name, value in hit.scores.items())
    title = escape(hit.title) or escape(hit.document_id)
    name = english_name(hit.language)
    return (
        f'<li class="card" data-language="{language}">'
        f'<div class="line"><span class="badge" style="--hue:{hue(hit.language)}" title="{escape(name)}">'
        f'{escape(native_name(hit.language))}</span><h3 dir="auto" lang="{language}">{title}</h3></div>'
        f'<p class="text" dir="{direction(hit.language) if hit.language != "und" else "auto"}" lang="{language}">'
        f"{highlight(hit.text, query)}</p>"
        f'<p class="quiet">{hit.rank}. {escape(hit.document_id)} · characters {hit.start}–{hit.end} · {parts}</p></li>'
    )


def message_view(headline: str, advice: str, *, kind: str = "empty") -> str:
    """An empty or error state."""
    body = f"<h2>{escape(headline)}</h2><p>{escape(advice)}</p>"
    return f'<section class="message {escape(kind)}" role="status">{body}</section>'


def highlight(text: str, query: str) -> str:
    """Escape a text and mark the words that also stand in the query, or forms of them."""
    pieces = []
    last = 0
    for start, end in _matches(text, query):
        pieces += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return "".join([*pieces, escape(text[last:])])


def _matches(text: str, query: str) -> list[tuple[int, int]]:
    wanted = {word.casefold() for word in _WORD.findall(query)}
    words = {word for word in wanted if len(word) > 2 and not _UNSPACED.search(word)}
    found = [
        match.span()
        for match in _WORD.finditer(text)
        if any(_same_word(match.group().casefold(), word) for word in words)
    ]
    for word in wanted:
        if _UNSPACED.search(word):
            found += _shared_runs(text, word)
    return _merged(found)


def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    shared = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return shared >= PREFIX and shared >= 0.7 * max(len(one), len(other))


def _shared_runs(text: str, word: str) -> list[tuple[int, int]]:
    """Stretches of two or more characters that a text without spaces shares with a word of the query."""
    pairs = {word[place : place + 2] for place in range(len(word) - 1)}
    return [(place, place + 2) for place in range(len(text) - 1) if text[place : place + 2] in pairs]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _span(span: LanguageSpan) -> str:
    text = escape(span.text.strip())
    return (
        f'<span class="span" style="--hue:{hue(span.language)}" title="{escape(english_name(span.language))}">'
        f'<bdi lang="{escape(span.language)}">{text}</bdi><small>{escape(span.language)}</small></span>'
    )
