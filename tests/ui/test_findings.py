"""Test what one query shows about the languages, and that words, pictures and figures agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from markup import EVIL, tags

from searchapp.client import SearchClient
from searchapp.datatypes import Hit
from searchapp.search.language_report import language_report
from ui.findings import DEPTH, Answer, Finding, Version, Versions, _report, find
from ui.state import Settings
from ui.views.finding import card_lines, finding_view, headline_of, line_of
from ui.wording import SPOKEN, wording

SAY = wording("en")


@pytest.fixture(scope="module")
def client(demo_home: Path) -> Iterator[SearchClient]:
    with SearchClient("demo", home=demo_home) as opened:
        yield opened


def answer(**ranks: int | None) -> Answer:
    versions = tuple(Version(code, rank, rank) for code, rank in ranks.items())
    return Answer(title="Tea", language="en", versions=versions, hits=("a", "b"), depth=300)


def finding(*answers: Answer, hits: list[str] | None = None, counts: dict[str, int] | None = None) -> Finding:
    counts = counts or {"en": 1, "de": 1, "th": 1}
    return Finding(answers, language_report(hits or ["en"], counts), tuple(counts), corrected=False, depth=300)


def test_each_version_stands_where_a_deep_search_finds_it(client: SearchClient) -> None:
    found = find(client, Settings(query="tea", limit=10), known=Versions())
    best = found.answers[0]
    deep = client.search("tea", limit=1_000)
    places = {hit.language: hit.rank for hit in deep.hits if hit.payload["topic"] == "tea"}
    assert {version.language: version.rank for version in best.versions} == {
        code: rank if rank <= DEPTH else None for code, rank in places.items()
    }
    ranks = [version.rank or DEPTH + 1 for version in best.versions]
    assert ranks == sorted(ranks)
    shown = [hit.id for hit in deep.hits[:10]]
    for one in found.answers:
        assert list(one.hits) == [id_ for id_ in shown if id_ in one.hits]


def test_a_version_below_what_was_looked_at_is_known_to_exist(
    client: SearchClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.findings.DEPTH", 20)
    known = Versions()
    found = find(client, Settings(query="coral bleaching"), known=known)
    best = found.answers[0]
    assert len(best.versions) == 13
    assert None in [version.rank for version in best.versions]
    assert best.late[0].rank is None
    assert "is not among the first 20" in finding_view(found, SAY)
    monkeypatch.setattr(client, "search", None)  # what exists is remembered by version
    assert len(known.of(client, client.manifest().version, "topic", "coral-reefs", "x")) == 13


def test_only_searched_languages_count(client: SearchClient) -> None:
    found = find(client, Settings(query="tea", languages=("th", "vi")), known=Versions())
    assert set(found.languages) == {"th", "vi"}
    assert {version.language for version in found.answers[0].versions} == {"th", "vi"}
    alone = find(client, Settings(query="tea", languages=("th",)), known=Versions())
    assert headline_of(alone, SAY)[0] == "Only one language was searched"


def test_a_correction_keeps_the_places_before_it(client: SearchClient) -> None:
    found = find(client, Settings(query="coral bleaching", balance=1.0), known=Versions())
    plain = find(client, Settings(query="coral bleaching"), known=Versions())
    before = {version.language: version.rank for version in plain.answers[0].versions}
    assert {version.language: version.before for version in found.answers[0].versions} == before
    assert 'class="was"' in finding_view(found, SAY)
    assert 'class="was"' not in finding_view(plain, SAY)


def test_one_sentence_says_who_comes_late() -> None:
    late = finding(answer(en=1, de=2, vi=31, th=108))
    assert headline_of(late, SAY) == (
        "Thai comes 107 places later",
        "“Tea” exists in 4 languages: English is at place 1, Thai at place 108. Also late: Vietnamese.",
    )
    beyond = finding(answer(en=2, th=None))
    assert headline_of(beyond, SAY)[0] == "Thai is not among the first 300"
    close = finding(answer(en=1, de=3, th=9))
    assert headline_of(close, SAY)[0] == "No language is held back"
    assert "first 9 places" in headline_of(close, SAY)[1]


def test_late_means_far_against_the_number_of_languages() -> None:
    many = answer(**{f"x{row}": row for row in range(1, 31)})
    assert many.late == ()
    assert [version.language for version in answer(en=1, de=12, th=10).late] == ["de"]


def test_words_picture_and_figures_agree() -> None:
    found = finding(answer(en=1, de=2, vi=31, th=108))
    page = finding_view(found, SAY)
    line = line_of(found.answers[0], found, SAY)
    assert [pill.language for pill in line.pills if pill.late] == ["vi", "th"]
    assert page.count("pill late") == 2
    assert [pill.at for pill in line.pills] == sorted(pill.at for pill in line.pills)
    assert '<td class="number">108</td>' in page
    assert line.said == "Thai comes 107 places later"
    tags(page)


def test_pills_never_cover_each_other() -> None:
    found = finding(answer(**{f"x{row}": row for row in range(1, 40)}))
    line = line_of(found.answers[0], found, SAY)
    for lane in range(line.lanes):
        places = [pill.at for pill in line.pills if pill.lane == lane]
        assert all(second - first >= 7 for first, second in pairwise(places))


def test_without_parallel_passages_the_places_are_told_against_the_shares() -> None:
    counts = {"en": 10, "de": 10, "th": 80}
    found = finding(hits=["en"] * 70 + ["de"] * 10 + ["th"] * 20, counts=counts)
    headline, why = headline_of(found, SAY)
    assert headline == "English has 70 of the best 100 places"
    assert "would give it 10" in why
    assert "a subject" in why
    page = finding_view(found, SAY)
    assert page.count('class="pair"') == 3
    even = finding(hits=["en"] * 10 + ["de"] * 10 + ["th"] * 80, counts=counts)
    assert headline_of(even, SAY)[0] == "No language is clearly favoured"
    assert "favoured" not in finding_view(found, SAY)  # no second verdict beside the first


def test_the_first_card_of_an_answer_has_the_line_and_the_others_point_to_it() -> None:
    lines = card_lines(finding(answer(en=1, de=2, th=108)), SAY)
    assert "Thai comes 107 places later" in lines["a"]
    assert lines["b"].strip() == '<p class="same quiet">Says the same as number 1.</p>'


@pytest.mark.parametrize("language", SPOKEN)
def test_nothing_from_outside_becomes_markup(language: str) -> None:
    evil = replace(answer(en=1, th=108), title=EVIL, language=EVIL)
    found = finding(evil, hits=[EVIL], counts={EVIL: 1, "en": 1})
    for html in (finding_view(found, wording(language)), *card_lines(found, wording(language)).values()):
        assert "script" not in tags(html)
        assert "img" not in tags(html)


def test_a_subject_of_one_language_is_no_bias_where_relevance_is_known() -> None:
    counts = {"en": 50, "de": 50}
    hits = [
        Hit(str(row), str(row), row + 1, 1.0, "x", "x", "en" if row < 40 else "de", 0, 1, relevant=row < 40)
        for row in range(60)
    ]
    known = _report(hits, [hit for hit in hits if hit.relevant], counts, first=10)
    unknown = _report(hits, None, counts, first=10)
    assert [share.verdict for share in known.shares if share.language == "en"] == ["unclear"]
    assert unknown["en"].count == 40
    one = Finding((), known, ("en", "de"), corrected=False, depth=60, relevant=40)
    assert headline_of(one, SAY)[0] == "No language is clearly favoured"
    assert "40 passages that look relevant" in headline_of(one, SAY)[1]


def test_nothing_relevant_tells_nothing() -> None:
    nothing = replace(finding(answer(en=1, th=108)), answers=(), relevant=0)
    page = finding_view(nothing, SAY)
    assert "Nothing relevant was found" in page
    assert "places later" not in page and "<details" not in page
