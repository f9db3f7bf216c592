from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from searchapp.bias import language_report
from searchapp.datatypes import Hit, LanguageSpan, SearchResult
from ui.charts import language_panel, summary
from ui.views import card, highlight, message_view, results_view

HIT = Hit("id", "doc", 1, 0.5, "Green leaves & sugar", "A <b>title</b>", "en", 0, 20, {"dense": 0.5})
RESULT = SearchResult(
    query="leaf",
    hits=(HIT,),
    spans=(LanguageSpan("leaf", 0, 4, "en", 0.9, "Latn"),),
    report=language_report(["en"], {"en": 1, "de": 1}),
    timings={"total": 1.5},
    collection="docs",
    version="v",
    mode="hybrid",
)


class Checker(HTMLParser):
    """Fails on tags that do not close, and collects the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(html: str) -> list[str]:
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    return checker.seen


EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"


def test_nothing_from_outside_becomes_markup() -> None:
    hit = replace(HIT, text=EVIL, title=EVIL, document_id=EVIL, language=EVIL, scores={EVIL: 1.0})
    spans = (LanguageSpan(EVIL, 0, 1, EVIL, 1, "Latn"),)
    report = language_report([EVIL], {EVIL: 1}, baseline_name=EVIL)
    result = replace(RESULT, query=EVIL, hits=(hit,), spans=spans, report=report, notes=(EVIL,), mode=EVIL)  # type: ignore[arg-type]
    for html in (results_view(result), language_panel(report), message_view(EVIL, EVIL, kind=EVIL), card(hit, EVIL)):
        assert "script" not in tags(html)
        assert "img" not in tags(html)


@pytest.mark.parametrize(
    ("language", "direction"), [("ar", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("en", "ltr"), ("und", "auto")]
)
def test_cards_say_language_and_direction(language: str, direction: str) -> None:
    html = card(replace(HIT, language=language), "x")
    assert f'lang="{language}"' in html
    assert f'<p class="text" dir="{direction}"' in html
    assert '<h3 dir="auto"' in html


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Green leaves", "why are leaves green", "<mark>Green</mark> <mark>leaves</mark>"),
        ("The plants grow", "plant", "The <mark>plants</mark> grow"),
        ("a < b", "b <", "a &lt; b"),
        ("植物制造糖", "植物怎么造", "<mark>植物</mark>制造糖"),
        ("nothing here", "zebra", "nothing here"),
        ("Листья дерева", "листья", "<mark>Листья</mark> дерева"),
        ("general rules", "genetics", "general rules"),
    ],
)
def test_highlights(text: str, query: str, expected: str) -> None:
    assert highlight(text, query) == expected


def test_the_summary_is_honest_at_small_k() -> None:
    assert "too few to say more" in summary(language_report(["en", "de"], {"en": 1, "de": 1}))
    said = summary(language_report(["de"] * 9 + ["en"], {"de": 10, "en": 40, "fr": 50}))
    assert "Over-represented: German 9.0× (6.0–9.8)." in said
    assert "Under-represented: French" in said


def test_the_panel_shows_every_language_with_its_numbers() -> None:
    html = language_panel(RESULT.report)
    assert tags(html).count("tr") == 3
    assert 'aria-label="1 of 1 hits, 100%; 50% without bias"' in html
    assert "No hits" in language_panel(language_report([], {"en": 1}))


def test_no_hits_say_what_to_try() -> None:
    assert "No passage matches" in results_view(replace(RESULT, hits=()))
