from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from markup import EVIL, tags

from index_builder import BuildReport
from searchapp.datatypes import Hit, LanguageSpan, SearchResult
from searchapp.errors import InputError
from searchapp.evaluation.results import Matrix, Results, System, TaskSummary
from searchapp.search.language_report import language_report
from searchapp.stores.base import VersionInfo
from searchapp.stores.build_record import DebiasRecord
from searchapp.stores.manifest import Manifest
from ui.lab import Standing, read_results, read_translations, tasks
from ui.views.compare import compare_view, difference
from ui.views.heat import heat_view, matrix_names, reading
from ui.views.jobs import build_view
from ui.views.parallel import distance, parallel_view
from ui.views.twins import twins_view
from ui.views.versions import bytes_of, collections_view, unfinished_view

MATRIX = Matrix(rows=("de", "en"), columns=("de", "en", "fr"), values=((2.0, 0.5, None), (0.5, 4.0, 1.0)))
RESULTS = Results(
    task=TaskSummary("demo", "0", 4, 9, 4, ("de", "en"), ("de", "en", "fr"), "mAP"),
    system=System("collection", "docs"),
    figures={"Mul": {"mean": {"mAP": 0.5}}},
    bias={"rank distance": {"mean": 8.25}},
    unbiased={"rank distance": 2.0},
    matrices={"mAP within language": MATRIX, "lift@20": MATRIX, "lift@20 low": MATRIX, "lift@20 high": MATRIX},
    notes=("A note.",),
)


def result(*places: str) -> SearchResult:
    hits = tuple(
        Hit(place, place, rank, 1.0 / rank, f"text {place}", f"title {place}", place[:2], 0, 4)
        for rank, place in enumerate(places, start=1)
    )
    return SearchResult(
        query="x",
        hits=hits,
        spans=(LanguageSpan("x", 0, 1, "en", 1.0, "Latn"),),
        report=language_report([hit.language for hit in hits], {"de": 1, "en": 1, "fr": 1}),
        timings={"total": 1.0},
        collection="docs",
        version="v",
        mode="hybrid",
    )


def test_a_comparison_draws_each_passage_once_and_says_what_changed() -> None:
    left, right = result("en1", "en2", "de1"), result("en1", "de1", "fr1")
    assert difference(left, right) == (
        "2 of 3 passages are in both. The first hit is the same. B gives more places to French +1, fewer to English −1."
    )
    html = compare_view(left, right, names=("a", EVIL))
    assert "script" not in tags(html)
    assert html.count('class="kept"') == 1
    assert html.count('class="moved-line"') == 1
    assert html.count('class="lost"') == 2
    assert ">gone<" in html and ">new<" in html and "▲ 1" in html
    assert difference(left, left) == "Both rank the same passages in the same order."
    assert difference(result(), result()) == "Neither finds anything."


def test_a_heat_map_frames_the_own_language_and_reads_its_diagonal() -> None:
    assert matrix_names(RESULTS) == ["lift@20", "mAP within language"]
    html = heat_view(RESULTS, "lift@20")
    tags(html)
    assert len(re.findall(r"class=\"(hot|cold) own", html)) == 2
    assert 'title="query German, passage German: 2 (2–2)"' in html
    assert html.count('class="none"') == 1
    assert "cold" in html
    assert reading(MATRIX, "lift@20").startswith("Passages in the query's own language get 3.0×")
    assert reading(MATRIX, "mAP") == "Within a language 3.00 on average, across languages 0.67."
    assert "8.25 <small>without bias 2.00" in html
    assert "There is no such map" in heat_view(RESULTS, EVIL)
    evil = replace(RESULTS, matrices={EVIL: Matrix((EVIL,), (EVIL,), ((1.0,),))}, notes=(EVIL,))
    assert {"script", "img"}.isdisjoint(tags(heat_view(evil, EVIL)))


def test_rank_distance_is_said_with_its_floor() -> None:
    standings = [Standing("en", "A", "a", 1), Standing("de", "B", "b", 7), Standing("fr", EVIL, EVIL, 3)]
    assert distance(standings, 100) == (
        "English comes first, at rank 1; German last, at rank 7: a rank distance of 6. Without bias it would be 2."
    )
    lost = [*standings, Standing("ja", "D", "d", None)]
    assert "1 are below rank 100, so the rank distance is 100 or more" in distance(lost, 100)
    assert distance([Standing("en", "A", "a", None)], 5) == "None of them is among the first 5."
    assert "script" not in tags(parallel_view(EVIL, lost, depth=100))


def test_translations_are_read_line_by_line() -> None:
    assert read_translations("de: Warum: darum\n\n zh-Hant : 為什麼 ") == {"de": "Warum: darum", "zh-Hant": "為什麼"}
    for text in ("Warum", "de:", "d e: x", ": x"):
        with pytest.raises(InputError, match="line 1"):
            read_translations(text)
    with pytest.raises(InputError, match="at most 20"):
        read_translations("\n".join(f"x{chr(97 + row // 26)}{chr(97 + row % 26)}: x"[1:] for row in range(30)))


def test_results_are_read_and_other_files_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "results.json", tmp_path / "bad.json"
    good.write_text(RESULTS.to_json(), encoding="utf-8")
    assert read_results(good).matrices["lift@20"] == MATRIX
    for content in ("{}", "[]", "not json", json.dumps({"format": 99})):
        bad.write_text(content)
        with pytest.raises(InputError, match=r"bad\.json"):
            read_results(bad)
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"bad\.json"):
        read_results(bad)


def test_tasks_are_the_demo_and_known_folders(tmp_path: Path) -> None:
    (tmp_path / "xquad-r").mkdir()
    (tmp_path / "other").mkdir()
    assert list(tasks([tmp_path])) == ["demo", "xquad-r"]
    assert list(tasks([])) == ["demo"]


def test_collections_show_versions_and_damage_without_markup() -> None:
    manifest = Manifest(
        EVIL, "v1", EVIL, "f", 8, 3, {EVIL: 3}, created=EVIL, debias=DebiasRecord(name=EVIL, digest=EVIL)
    )
    versions = [VersionInfo(EVIL, "v1", False, manifest, 2048), VersionInfo(EVIL, "v2", True, manifest, 0)]
    html = collections_view({EVIL: versions}, {EVIL: EVIL}, may_change=True)
    assert {"script", "img"}.isdisjoint(tags(html))
    assert html.count("data-activate") == 1
    assert "data-activate" not in collections_view({EVIL: versions}, {}, may_change=False)
    assert [bytes_of(count) for count in (5, 2048, 3 * 2**20, 5 * 2**30)] == ["5 B", "2 KiB", "3 MiB", "5.0 GiB"]
    assert "There is no collection yet" in collections_view({}, {}, may_change=True)


def test_unfinished_builds_are_told_with_what_is_kept() -> None:
    html = unfinished_view({EVIL: 1, "docs": 1200})
    assert tags(html).count("li") == 2
    assert "script" not in tags(html)
    assert "1 finished batch is kept" in html
    assert "1,200 finished batches are kept" in html
    assert unfinished_view({}) == ""


def test_a_build_and_twins_are_shown_without_markup() -> None:
    report = BuildReport(
        collection=EVIL,
        version=EVIL,
        documents=1,
        passages=1,
        languages={EVIL: 1},
        rejected=2,
        reasons={EVIL: 2},
        reused=1,
        resumed=0,
        rejects_path=None,
        seconds=1.0,
    )
    html = build_view(report) + twins_view([Hit(EVIL, EVIL, 1, 1.0, EVIL, EVIL, EVIL, 0, 1)])
    assert {"script", "img"}.isdisjoint(tags(html))
    assert "2 rows were set aside" in html
    assert "is known to say the same" in twins_view([])
