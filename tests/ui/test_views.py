from __future__ import annotations

from dataclasses import replace

import pytest
from markup import EVIL, tags

from searchapp.datatypes import Hit, LanguageSpan, Move, RankingStep, SearchResult
from searchapp.search.language_report import language_report
from searchapp.text.languages import NAMES
from searchapp.text.snippets import snippet
from ui.asking import Page, crowded, distinct
from ui.state import Settings
from ui.views.cards import card, results_view
from ui.views.highlight import marked
from ui.views.message import message_view
from ui.views.orders import orders
from ui.views.panel import bars, cost, cost_view, panel_view, summary
from ui.views.parts import beginning, hue, listed, percent
from ui.views.scores import scores_view
from ui.wording import wording

SAY = wording()

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


def test_nothing_from_outside_becomes_markup() -> None:
    hit = replace(HIT, text=EVIL, title=EVIL, document_id=EVIL, language=EVIL, scores={EVIL: 1.0})
    spans = (LanguageSpan(EVIL, 0, 1, EVIL, 1, "Latn"),)
    report = language_report([EVIL], {EVIL: 1}, baseline_name=EVIL)
    result = replace(RESULT, query=EVIL, hits=(hit,), spans=spans, report=report, notes=(EVIL,), mode=EVIL)  # type: ignore[arg-type]
    for html in (
        results_view(
            Page(result, grouped=True, copies={hit.id: (EVIL,)}),
            SAY,
            settings=Settings(languages=(EVIL,)),
            state=EVIL,
            like=EVIL,
        ),
        panel_view(result),
        message_view(EVIL, EVIL, kind=EVIL),
        card(hit, EVIL, SAY),
    ):
        assert "script" not in tags(html)
        assert "img" not in tags(html)


@pytest.mark.parametrize(
    ("language", "direction"), [("ar", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("en", "ltr"), ("und", "auto")]
)
def test_cards_say_language_and_direction(language: str, direction: str) -> None:
    html = card(replace(HIT, language=language), "x", SAY)
    assert f'lang="{language}"' in html
    assert f'<p class="text" dir="{direction}"' in html
    assert '<h3 dir="auto"' in html


def test_words_of_the_query_are_marked() -> None:
    assert marked(snippet("Green leaves", "why are leaves green", "en")) == "<mark>Green</mark> <mark>leaves</mark>"
    assert marked(snippet("a < b leaves", "leaves", "en")) == "a &lt; b <mark>leaves</mark>"
    assert "<mark>" not in card(HIT, "zebra", SAY)


def test_a_long_passage_is_an_excerpt_with_the_whole_on_demand() -> None:
    assert 'class="whole"' not in card(HIT, "leaves", SAY)
    text = f"{'Nothing of the kind is said in the beginning. ' * 9}<b>Zebras</b> graze. {'Or at the end. ' * 9}"
    html = card(replace(HIT, text=text), "zebra", SAY)
    excerpt, whole = html.split('<details class="why"')[0].split("<details")
    assert "… " in excerpt and " …</p>" in excerpt
    assert "&lt;b&gt;<mark>Zebras</mark>&lt;/b&gt; graze." in excerpt
    assert excerpt.count("Nothing of the kind") < 5
    assert whole.count("Nothing of the kind") == 9
    assert "<mark>Zebras</mark>" in whole
    tags(html)


def test_the_summary_is_honest_at_small_k() -> None:
    said = summary(language_report(["en", "de"], {"en": 1, "de": 1}))
    assert said == "No language is clearly favoured among these 2 results."
    said = summary(language_report(["de"] * 9 + ["en"], {"de": 10, "en": 40, "fr": 40, "th": 10}))
    assert "German is over-represented 9.0× (5.5–10.0)." in said
    assert "French is under-represented 0.0× (0.0–0.8)." in said
    assert said.endswith("Too few results to say for English and Thai.")


def test_the_panel_shows_every_language_with_its_numbers() -> None:
    html = panel_view(RESULT)
    assert tags(html).count("tr") == 3
    assert 'aria-label="1 of 1 hits, 100%; 50% of the collection"' in html
    assert "No hits" in panel_view(replace(RESULT, hits=(), report=language_report([], {"en": 1})))


def test_many_languages_are_folded_away() -> None:
    codes = [f"x{n}" for n in range(30)]
    html = bars(language_report(codes, dict.fromkeys(codes, 1)))
    assert "<summary>14 more languages</summary>" in html
    assert tags(html).count("tr") == 32


def hits(*pairs: str) -> tuple[Hit, ...]:
    return tuple(
        replace(HIT, id=pair, rank=rank, language=pair.split("-")[0]) for rank, pair in enumerate(pairs, start=1)
    )


def test_the_order_before_a_correction_is_told_from_its_moves() -> None:
    counts = {"de": 1, "en": 1, "fr": 1}
    moves = (
        Move("fr-1", "fr", None, 2),
        Move("en-2", "en", 2, 3),
        Move("en-3", "en", 3, None),
    )
    step = RankingStep("balance", moves, 0.031, language_report(["en", "en", "en"], counts))
    result = replace(RESULT, hits=hits("en-1", "fr-1", "en-2"), report=language_report(["en", "fr", "en"], counts))
    result = replace(result, steps=(step,))
    before, after = orders(result)
    assert [placed.id for placed in before] == ["en-1", "en-2", "en-3"]
    assert [placed.id for placed in after] == ["en-1", "fr-1", "en-2"]
    assert cost(result) == ["Mixing changed 2 places and gave up 3 % of the relevance."]
    page = results_view(Page(result), SAY)
    assert 'title="Was rank 2; moved by mixing"' in page
    assert "▲ new" in page
    assert "▼ 1" in page
    panel = panel_view(result)
    assert panel.count('class="ribbon"') == cost_view(result).count('class="ribbon"') == 2
    assert cost_view(replace(result, steps=())) == ""
    assert "100% before the correction" in panel
    tags(page + panel)


def test_what_balancing_moved_is_apart_from_the_parts_of_the_score() -> None:
    scores = {"dense": 0.5, "fused": 0.4, "relevance": 0.4, "balance": -1.25}
    moves = (Move("en-1", "en", 4, 1), Move("fr-1", "fr", None, 2), Move("de-1", "de", 1, 3))
    step = RankingStep("balance", moves, 0.1, RESULT.report)
    found = tuple(replace(hit, scores=scores) for hit in hits("en-1", "fr-1", "de-1", "de-2"))
    result = replace(RESULT, hits=found, steps=(step,))
    for hit, said in zip(
        found, ('4 → 1</b> <span aria-hidden="true">▲', "below → 2</b>", "1 → 3</b>", "place kept"), strict=True
    ):
        parts, balancing = scores_view(hit, result).split('<dl class="scores balancing"')
        assert "dense" in parts and "relevance" not in parts and "<dt>balance" not in parts
        assert said in balancing
        assert "0.400" in balancing and "-1.250" in balancing
        tags(parts + "<dl " + balancing)
    assert "▼" in scores_view(found[2], result)
    assert "balancing" not in scores_view(found[0], replace(result, steps=(replace(step, moves=()),)))
    plain = replace(found[0], scores={"dense": 0.5, "relevance": 0.5})
    assert "sorted by" not in scores_view(plain, replace(result, hits=(plain,)))
    assert "balancing" not in scores_view(HIT, RESULT)


def test_colours_of_languages_do_not_collide() -> None:
    often = [hue(code) for code in ("ar", "de", "el", "en", "es", "fr", "he", "hi", "ja", "ru", "th", "vi", "zh")]
    apart = [abs(one - other) for row, one in enumerate(often) for other in often[:row]]
    assert min(min(gap, 360 - gap) for gap in apart) >= 25
    assert len({hue(code) for code in NAMES}) > len(NAMES) * 0.9


@pytest.mark.parametrize(("value", "said"), [(0.0, "0 %"), (0.001, "less than 1 %"), (0.034, "3 %"), (1.0, "100 %")])
def test_shares_are_said_plainly(value: float, said: str) -> None:
    assert percent(value) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (list("ABCDEFG"), "A, B, C, D and 3 more"),
    ],
)
def test_lists_are_said_plainly(names: list[str], said: str) -> None:
    assert listed(names) == said


def test_a_beginning_parts_no_word_and_no_letter() -> None:
    assert beginning("<b> Green leaves", "en", columns=9) == "<b> Green …"
    assert beginning("हिन्दी किताब", "hi", columns=5) == "हिन्दी …"
    assert beginning("Green ", "en", columns=9) == "Green"


def test_no_hits_say_what_to_try() -> None:
    assert "No passage matches" in results_view(Page(replace(RESULT, hits=())), SAY)


def test_one_document_that_fills_the_page_is_noticed_and_copies_are_left_out() -> None:
    many = hits("en-1", "en-2", "de-1", "fr-1", "es-1")
    assert not crowded([replace(hit, document_id=hit.id) for hit in many])
    assert crowded([replace(hit, document_id="one") for hit in many[:3]] + [many[4]])
    assert not crowded([replace(hit, document_id="one") for hit in many[:3]])
    same = [replace(hit, text="the  same", document_id=hit.id) for hit in many]
    kept, copies = distinct([*same[:3], replace(same[1], text="other"), same[4]])
    assert [hit.id for hit in kept] == ["en-1", "de-1", "en-2", "es-1"]
    assert copies == {"en-1": ("en-2",)}
    html = card(HIT, "x", SAY, copies=("a", "b"))
    assert "2 more with the same text:" in html


@pytest.mark.parametrize(
    ("payload", "link"),
    [
        ({"url": "https://example.org/a?b=1&c"}, "https://example.org/a?b=1&amp;c"),
        ({"url": "javascript:alert(1)", "source": "http://example.org"}, "http://example.org"),
        ({"url": "https://a@evil.example"}, ""),
        ({"url": 5}, ""),
        ({"topic": "https://example.org"}, ""),
    ],
)
def test_a_hit_leads_to_its_source_on_the_web_only(payload: dict[str, object], link: str) -> None:
    html = card(replace(HIT, payload=payload), "x", SAY)
    assert (f'href="{link}"' in html) is bool(link)
    assert "javascript" not in html


def test_facets_count_the_page_and_show_what_is_chosen() -> None:
    result = replace(RESULT, hits=hits("en-1", "en-2", "de-1"))
    html = results_view(Page(result, more=True), SAY, settings=Settings(languages=("fr",), page=2))
    assert 'data-filter="en" aria-pressed="false"' in html
    assert 'data-filter="fr" aria-pressed="true"' in html
    assert 'data-page="1"' in html and 'data-page="3"' in html
    assert "data-page" not in results_view(Page(result), SAY)


def test_a_long_query_is_shortened_above_its_answers() -> None:
    html = results_view(Page(replace(RESULT, query="word " * 2_000)), SAY)
    assert html.count("word") < 60


def test_ten_hits_of_which_none_is_relevant_are_no_confident_answer() -> None:
    result = replace(RESULT, hits=tuple(replace(hit, relevant=False) for hit in hits("en-1", "de-1")))
    html = results_view(Page(result), SAY)
    assert "Nothing relevant was found." in html
    assert html.index("Nothing relevant") < html.index("Show them anyway") < html.index('class="card"')
    tags(html)
    assert "Nothing relevant" not in results_view(Page(RESULT), SAY)
