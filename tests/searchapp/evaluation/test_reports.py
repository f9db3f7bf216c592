from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from searchapp.evaluation.attribution import Stage, attribute, embedding_stages, int8, summary
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.report.markdown import markdown_report
from searchapp.evaluation.report.page import html_report
from searchapp.evaluation.report.plots import heat_map
from searchapp.evaluation.report.tables import (
    Table,
    bias_table,
    language_table,
    number,
    stage_table,
    system_name,
    systems_table,
)
from searchapp.evaluation.report.terminal import rich_table
from searchapp.evaluation.results import Matrix, System

ROBUSTNESS = {
    "spliced, 2 languages": {"queries": 10.0, "mAP": 0.4, "rank distance": 80.0},
    "spliced, 2 languages: monolingual": {"queries": 20.0, "mAP": 0.5, "rank distance": 70.0},
}


@pytest.fixture
def results(parallel_task, own_language_first):
    found = evaluate_encoder(parallel_task(3, languages=("de", "en", "th"), fillers=8), own_language_first).results
    return replace(found, robustness=ROBUSTNESS, stages={"encoder": summary(found), "int8": summary(found)})


def test_language_table_has_every_language_the_mean_and_the_value_without_bias(results) -> None:
    table = language_table(results)
    assert table.columns[:4] == ("query language", "Mo mAP", "Cr mAP", "Mul mAP")
    assert {"rank distance", "LPR", "TLR@20", "lift@20, own"} <= set(table.columns)
    assert [row[0] for row in table.rows] == ["de German", "en English", "th Thai", "mean", "without bias"]
    lpr = table.columns.index("LPR")
    assert [row[lpr] for row in table.rows] == ["1", "1", "1", "1", "0.3333"]
    assert table.emphasised == {3}


def test_bias_table_names_the_languages_at_both_ends(results) -> None:
    uneven = replace(results, bias={"LPR": {"mean": 0.4, "de": 0.2, "en": 0.6}}, unbiased={"LPR": 0.5})
    assert bias_table(uneven).rows == (("LPR", "0.4000", "0.5000", "0.2000 (de)", "0.6000 (en)"),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (1.0, "1"),
        (0.16923, "0.1692"),
        (12.345, "12.3"),
        (4574.5, "4,574"),
        (0.00001, "1.0e-05"),
    ],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


def test_stage_table_tells_the_change() -> None:
    table = stage_table({"encoder": {"mAP": 0.5, "rank distance": 80.0}, "fusion": {"mAP": 0.6, "rank distance": 60.0}})
    assert table.rows == (
        ("encoder", "0.5000", "80"),
        ("fusion", "0.6000", "60"),
        ("– change", "+0.1000", "-20.0"),
    )


def test_attribution_is_the_difference_to_the_stage_before(results) -> None:
    worse = replace(results, bias={**results.bias, "rank distance": {"mean": 99.0}})
    effects = attribute([Stage("encoder", results), Stage("fusion", worse)])
    assert effects[0].changes == {}
    assert effects[1].changes["rank distance"] == pytest.approx(99.0 - results.bias["rank distance"]["mean"])
    assert effects[1].changes["Mul mAP"] == 0.0


def test_stages_of_embeddings_apply_one_after_the_other(parallel_task, ignorant) -> None:
    evaluation = evaluate_encoder(parallel_task(3, languages=("de", "en"), fillers=8), ignorant)
    stages = embedding_stages(evaluation, [("int8", int8), ("flip", lambda queries, passages: (-queries, passages))])
    assert [stage.name for stage in stages] == ["encoder", "int8", "flip"]
    flipped = evaluate_encoder(parallel_task(3, languages=("de", "en"), fillers=8), ignorant)
    assert stages[2].results.system.name.endswith("int8 + flip") or stages[2].results.system.name.endswith("flip")
    assert summary(stages[2].results) != summary(flipped.results)


def test_int8_rounds_to_256_steps() -> None:
    passages = np.random.default_rng(0).standard_normal((50, 16)).astype(np.float32)
    _, stored = int8(passages, passages)
    assert len(np.unique(stored)) <= 255
    inner = np.abs(passages) < np.quantile(np.abs(passages), 0.98)
    np.testing.assert_allclose(stored[inner], passages[inner], atol=0.02)


def test_markdown_tables_are_rectangular_and_escape_bars(results) -> None:
    named = replace(results, system=System(kind="encoder", name="a|b"))
    text = markdown_report([named, results])
    assert "a\\|b" in text
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
        assert len(widths) <= 1
    assert "## Systems" in text
    assert "### Mixed-language queries" in text


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [value or "" for name, value in attributes if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_no_other_file(results) -> None:
    page = Page()
    text = html_report([results])
    page.feed(text)
    assert page.open == []
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    assert "script" not in page.seen
    assert page.seen.count("svg") >= 6  # two kinds of bars, scatter, three heat maps, robustness
    assert "Quality against bias" not in text or "<svg" in text


def test_the_page_escapes_what_it_shows(results) -> None:
    evil = replace(results, system=System(kind="encoder", name="<script>alert(1)</script>"), command="a & <b>")
    text = html_report([evil, results])
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "a &amp; &lt;b&gt;" in text


def test_equal_results_give_equal_pages(results) -> None:
    assert html_report([results]) == html_report([results])


def test_heat_map_draws_gaps_and_a_neutral_value() -> None:
    matrix = Matrix(rows=("de", "en"), columns=("de", "en"), values=((2.0, None), (0.0, 1.0)))
    assert heat_map("lift", matrix, neutral=1.0).startswith("<svg")
    assert heat_map("mAP", matrix).startswith("<svg")


def test_systems_side_by_side(results) -> None:
    other = replace(results, system=System(kind="collection", name="demo (hybrid)"))
    table = systems_table([results, other])
    assert [row[0] for row in table.rows] == [system_name(results), "collection demo (hybrid)"]
    assert system_name(replace(results, system=System(kind="encoder", name="/models/mini/"))) == "mini"


def test_the_terminal_never_cuts_figures_off() -> None:
    import io

    from rich.console import Console

    table = Table(
        title="wide",
        columns=("query language", *(f"Mul measure {place}" for place in range(8))),
        rows=(("vi Vietnamese", *(f"0.{place}234" for place in range(8))),),
    )
    console = Console(file=io.StringIO(), width=80)
    console.print(rich_table(table))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in shown
    assert all(f"0.{place}234" in shown for place in range(8))


@pytest.mark.browser
def test_the_page_opens_in_a_browser(results, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    path.write_text(html_report([results]), encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1100, "height": 800})
            problems: list[str] = []
            page.on("console", lambda message: problems.append(message.text))
            page.on(
                "request", lambda request: problems.append(request.url) if not request.url.startswith("file:") else None
            )
            page.goto(path.as_uri())
            sizes = page.eval_on_selector_all("figure svg", "all => all.map(one => one.getBoundingClientRect().width)")
            assert problems == []
            assert all(200 < width <= 1100 for width in sizes)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert page.locator("table").first.inner_text().startswith("query language")
        finally:
            browser.close()
