"""The real page in a real browser, on the real demo index."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
Shoot = Callable[..., None]

CORAL = "vì sao san hô bị tẩy trắng"
MIXED = "wie funktioniert photosynthesis en las plantas"
DESKTOP = {"width": 1360, "height": 950}
PHONE = {"width": 380, "height": 800}


@pytest.fixture(scope="module")
def address(demo_home: Path, serve) -> str:
    return serve(demo_home, read_only=True)


def opened(browser: Browser, address: str, *, problems: list[str] | None = None, **options: Any) -> Page:
    """Open the page; what the browser complains about is added to `problems`."""
    page = browser.new_page(**{"viewport": DESKTOP, **options})
    found = [] if problems is None else problems
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "request",
        lambda request: found.append(request.url) if not request.url.startswith((address, "data:", "blob:")) else None,
    )
    page.goto(address)
    expect(page.locator("#results section").first).to_be_visible()
    return page


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh page that must not complain, nor ask anything of another server."""
    problems: list[str] = []
    page = opened(browser, address, problems=problems)
    page.set_default_timeout(30_000)
    yield page
    page.close()
    assert [problem for problem in problems if "?" not in problem or not problem.startswith(address)] == []


def ask(page: Page, query: str) -> None:
    box = page.locator("#query input")
    box.fill(query)
    box.press("Enter")
    expect(page.locator(".query")).to_contain_text(query.split()[0])
    expect(page.locator(".card").first).to_be_visible()


def languages_of(page: Page) -> list[str]:
    return page.locator("#results .card").evaluate_all("nodes => nodes.map(node => node.dataset.language)")


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def write(page: Page, box: str, text: str) -> None:
    """Fill a box of a tab that was opened just now: Gradio may draw it once more, empty."""
    for _ in range(5):
        page.locator(box).fill(text)
        page.wait_for_timeout(200)
        if page.locator(box).input_value() == text:
            return
    raise AssertionError(f"{box} does not keep its text")


def violations(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds."""
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['html'][:160]}"
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"][:3]
    ]


def test_queries_in_five_scripts_find_their_passage_first(page: Page) -> None:
    for query, topic in (  # the passage may come first in any of its languages
        ("Warum leuchten Polarlichter grün?", "aurora-"),
        ("من بنى أهرامات الجيزة؟", "giza-pyramids-"),
        ("光合作用", "photosynthesis-"),
        ("почему пчёлы танцуют в улье", "honeybees-"),
        ("ทำไมแนวปะการังกลายเป็นสีขาว", "coral-reefs-"),
    ):
        ask(page, query)
        expect(page.locator(".card .source").first).to_contain_text(topic)
        expect(page.locator("#finding .ranks tbody tr")).to_have_count(13)
    expect(page.locator("#finding h2")).to_have_text(re.compile("later|not among|held back"))


def test_right_to_left_cards_are_laid_out_right_to_left(page: Page, shoot: Shoot) -> None:
    ask(page, "من بنى أهرامات الجيزة؟")
    text = page.locator('.card[data-language="ar"] .text').first
    expect(text).to_have_attribute("dir", "rtl")
    expect(text).to_have_attribute("lang", "ar")
    assert text.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.locator("#query input").evaluate("node => getComputedStyle(node).unicodeBidi") == "plaintext"
    shoot(page, "arabic")


def test_a_mixed_query_shows_its_spans_its_parts_and_the_balance(page: Page, shoot: Shoot) -> None:
    ask(page, MIXED)
    assert page.locator(".query .span small").all_text_contents() == ["de", "en", "es"]
    assert len(set(languages_of(page))) >= 4
    assert set(page.locator(".card dt").all_text_contents()) >= {"dense", "lexical", "fused"}
    expect(page.locator(".card .source").first).to_contain_text("photosynthesis-")
    expect(page.locator(".facet").first).to_be_visible()
    shoot(page, "search")


def test_the_first_screen_says_which_language_comes_late(page: Page, shoot: Shoot) -> None:
    ask(page, "coral bleaching")
    finding = page.locator("#finding .finding")
    expect(finding.locator("h2")).to_have_text(re.compile(r"\w+ (comes \d+ places later|is not among the first \d+)"))
    expect(finding.locator("h2")).to_be_in_viewport()
    expect(finding.locator(".pill")).to_have_count(13)
    expect(finding.locator(".pill.late").last).to_be_in_viewport()
    expect(finding.locator(".ranks")).to_be_hidden()
    finding.locator("summary").click()
    expect(finding.locator(".ranks tbody tr")).to_have_count(13)
    expect(page.locator(".card").first.locator(".mini .told")).to_have_text(finding.locator("h2").inner_text())
    expect(page.locator(".card").nth(1).locator(".versions")).to_contain_text("Says the same as number 1.")
    assert violations(page) == []
    shoot(page, "finding")


def test_the_slider_works_by_key_and_the_cost_stands_beside_it(page: Page, shoot: Shoot) -> None:
    page.goto(page.url + "?k=20&q=" + CORAL)
    expect(page.locator("#results .card")).to_have_count(20)
    before = languages_of(page).count("vi")
    expect(page.locator("#cost .costs")).to_have_count(0)
    page.locator("#search-balance input[type=range]").focus()
    page.keyboard.press("End")
    expect(page.locator("#cost .cost")).to_contain_text("Mixing changed")
    page.wait_for_url("**balance=1**")
    assert languages_of(page).count("vi") < before
    expect(page.locator("#cost .ribbon")).to_have_count(2)
    assert page.locator("#results .moved").count() > 0
    shifted = page.locator("#results .card", has=page.locator(".moved.up")).first.locator(".balancing")
    expect(shifted).to_contain_text(re.compile(r"place (\d+|below) → \d+ ▲"))
    assert page.locator("#results .balancing").count() == 20
    expect(page.locator("#finding .was").first).to_be_attached()
    assert violations(page) == []
    shoot(page, "balanced")
    number = page.get_by_label(re.compile("number input for Mix languages")).first
    number.fill("0")
    number.press("Enter")
    expect(page.locator("#cost .costs")).to_have_count(0)
    page.wait_for_function("!location.search.includes('balance')")


def test_more_like_this_and_the_same_passage_in_other_languages(page: Page) -> None:
    ask(page, "Warum leuchten Polarlichter grün?")
    first = page.locator(".card").first
    button = first.get_by_role("button", name="Same passage in other languages")
    button.click()
    expect(first.locator(".twins li")).to_have_count(12)
    expect(first.locator(".twins [dir=rtl]")).to_have_count(2)
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(first.locator(".twins")).to_be_hidden()
    first.get_by_role("button", name="More like this").click()
    expect(page.locator(".query .like")).to_contain_text("Passages like “")
    expect(page.locator(".card h3").first).not_to_have_text("Polarlicht")
    page.wait_for_url("**like=**")


def test_a_long_passage_is_an_excerpt_until_it_is_opened_by_key(page: Page, shoot: Shoot) -> None:
    ask(page, "Wer brachte die Schwarz-Weiß-Filme nach Hollywood?")
    card = page.locator(".card", has=page.locator("details.whole")).first
    excerpt, whole = card.locator("> .text"), card.locator("details.whole .text")
    expect(excerpt).to_be_visible()
    expect(excerpt).to_contain_text("…")
    expect(whole).to_be_hidden()
    assert excerpt.evaluate("node => node.offsetHeight / parseFloat(getComputedStyle(node).lineHeight)") < 4
    shoot(page, "excerpt")
    card.locator(".whole summary").focus()
    page.keyboard.press("Enter")
    expect(whole).to_be_visible()
    expect(excerpt).to_be_hidden()
    shoot(page, "whole")
    assert violations(page) == []
    page.keyboard.press("Space")
    expect(excerpt).to_be_visible()


def test_two_settings_are_compared(page: Page, shoot: Shoot) -> None:
    tab(page, "Compare")
    write(page, "#compare-query input", CORAL)
    page.locator("#compare-query button").click()
    expect(page.locator(".sides .row")).to_have_count(20)
    expect(page.locator("#comparison .verdict").first).to_contain_text("passages are in both")
    expect(page.locator("#comparison .panel")).to_have_count(2)
    assert page.locator(".lines path.moved-line").count() + page.locator(".lines path.lost").count() > 0
    assert page.locator(".side .moved").count() > 0
    shoot(page, "compare")
    assert violations(page) == []


def test_a_probe_asks_in_other_languages(page: Page, shoot: Shoot) -> None:
    tab(page, "Bias lab")
    page.get_by_role("tab", name="Probe").click()
    page.locator("#probe-button").click()
    expect(page.locator(".variants tbody tr")).to_have_count(6)
    expect(page.locator(".probe .verdict")).to_contain_text("Asked in 5 other languages")
    assert violations(page) == []
    page.locator(".probe").scroll_into_view_if_needed()
    shoot(page, "probe")
    page.locator("#probe-translations textarea").fill("nonsense")
    page.locator("#probe-button").click()
    expect(page.get_by_role("alert")).to_contain_text("expected a code and a question")


def test_parallel_passages_have_a_rank_distance(page: Page, shoot: Shoot) -> None:
    tab(page, "Bias lab")
    page.get_by_role("tab", name="Parallel passages").click()
    write(page, "#parallel-query input", "why do the northern lights glow green")
    page.locator("#parallel-query button").click()
    expect(page.locator(".strip tbody tr")).to_have_count(13)
    expect(page.locator(".parallel .verdict")).to_contain_text("rank distance")
    expect(page.locator(".strip tbody tr").first).to_contain_text("English")
    shoot(page, "parallel")
    assert violations(page) == []


def test_the_address_tells_the_search_and_the_browser_goes_back(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/?q=aurora&lang=ja&mode=dense&k=5")
    expect(page.locator("#results .card")).to_have_count(5)
    assert set(languages_of(page)) == {"ja"}
    expect(page.locator("#query input")).to_have_value("aurora")
    ask(page, "tea")
    page.wait_for_url("**/?q=tea&lang=ja&mode=dense&k=5")
    page.go_back()
    expect(page.locator("#query input")).to_have_value("aurora")
    expect(page.locator(".query")).to_contain_text("aurora")
    page.goto(address)
    recent = page.get_by_role("group", name="Recent searches")
    recent.get_by_role("button", name="tea").click()
    expect(page.locator(".query")).to_contain_text("tea")
    recent.get_by_role("button", name="Clear").click()
    expect(recent).to_be_hidden()
    page.close()


def test_the_keyboard_is_enough(page: Page) -> None:
    page.locator("#query input").blur()
    page.keyboard.press("/")
    expect(page.locator("#query input")).to_be_focused()
    page.keyboard.type("aurora")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card").nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#query input")).to_be_focused()


def test_the_language_filter_narrows_the_hits(page: Page) -> None:
    ask(page, "Warum leuchten Polarlichter grün?")
    page.locator("#search-languages input").click()
    page.get_by_role("option", name="日本語 · Japanese").click()
    expect(page.locator("#finding h2")).to_have_text("Only one language was searched")
    assert set(languages_of(page)) == {"ja"}
    expect(page.locator(".card h3").first).to_have_text("オーロラ")


def test_examples_search_at_a_click(page: Page) -> None:
    page.get_by_role("button", name="почему пчёлы").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("#query input")).to_have_value(re.compile("почему"))


def test_a_language_of_the_page_becomes_a_filter_and_can_be_removed(page: Page) -> None:
    ask(page, "tea")
    facet = page.locator('.facet[data-filter="de"]')
    facet.hover()
    expect(page.locator('.card[data-language="en"]').first).to_have_class(re.compile("dim"))
    expect(page.locator('.card[data-language="de"]').first).not_to_have_class(re.compile("dim"))
    facet.click()
    page.wait_for_url("**lang=de**")
    expect(page.locator('.card[data-language="en"]')).to_have_count(0)
    assert set(languages_of(page)) == {"de"}
    chosen = page.locator('.facet[aria-pressed="true"]')
    expect(chosen).to_have_text(re.compile("Deutsch ×"))
    chosen.click()
    expect(page.locator('.card[data-language="en"]').first).to_be_visible()
    page.wait_for_function("!location.search.includes('lang=')")


def test_the_next_page_goes_on_where_this_one_ends(page: Page) -> None:
    ask(page, "tea")
    first = page.locator(".card").evaluate_all("nodes => nodes.map(node => node.dataset.id)")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**p=2**")
    expect(page.locator(".card .rank").first).to_have_text("11")
    second = page.locator(".card").evaluate_all("nodes => nodes.map(node => node.dataset.id)")
    assert not set(first) & set(second)
    page.get_by_role("button", name="Back").click()
    expect(page.locator(".card .rank").first).to_have_text("1")


def test_hits_are_saved_as_files(page: Page) -> None:
    ask(page, "tea")
    with page.expect_download() as found:
        page.get_by_role("button", name="CSV").click()
    assert found.value.suggested_filename == "hits.csv"
    assert len(Path(found.value.path()).read_text(encoding="utf-8-sig").splitlines()) > 100


def test_searching_goes_along_with_typing_but_not_with_composing(page: Page) -> None:
    box = page.locator("#query input")
    box.press_sequentially("corals", delay=30)
    expect(page.locator(".query")).to_contain_text("corals")
    expect(box).to_be_focused()
    expect(box).to_have_value("corals")
    page.wait_for_url("**q=corals**")
    box.evaluate(
        "node => { node.value = '光'; node.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true})) }"
    )
    page.wait_for_timeout(800)
    expect(page.locator(".query")).to_contain_text("corals")
    expect(page.get_by_role("group", name="Recent searches")).to_be_hidden()  # nothing was asked for yet


def test_the_landing_view_shows_languages_an_example_and_a_map(page: Page, shoot: Shoot) -> None:
    expect(page.locator(".tongues li")).to_have_count(13)
    expect(page.locator(".example .finding h2")).to_have_text(re.compile("later|not among|held back"))
    expect(page.locator(".map .heatmap td.own")).to_have_count(13, timeout=60_000)
    assert violations(page) == []
    shoot(page, "landing", full=True)
    page.locator(".question").click()
    expect(page.locator("#query input")).to_have_value("coral bleaching")
    expect(page.locator(".card").first).to_be_visible()


def test_a_query_with_markup_is_shown_as_text(page: Page) -> None:
    ask(page, "<script>window.hacked=1</script><img src=x onerror=window.hacked=1> aurora")
    expect(page.locator(".query")).to_contain_text("<script>")
    assert page.evaluate("window.hacked") is None


def test_an_empty_result_and_an_error_say_what_to_do(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/?q=aurora&lang=xx")
    expect(page.get_by_text("No passage matches.")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("no passages in xx")
    page.goto(f"{address}/?like=nothing")
    expect(page.get_by_role("alert")).to_contain_text("This search did not work.")
    page.close()


def test_a_read_only_page_builds_nothing(page: Page) -> None:
    tab(page, "Index")
    expect(page.get_by_text("Building is switched off here.")).to_be_visible()
    expect(page.locator(".collection h3")).to_have_text("demo")
    expect(page.locator(".collection .live")).to_have_text("live")
    assert page.locator("#build-button, [data-activate]").count() == 0


def test_an_evaluation_is_run_and_mapped(page: Page, shoot: Shoot) -> None:
    tab(page, "Bias lab")
    page.locator("#lab-run").click()
    expect(page.locator("#lab-tabs .heatmap tbody tr")).to_have_count(15, timeout=30_000)
    expect(page.locator(".heat .verdict")).to_contain_text("own language")
    expect(page.locator(".facts")).to_contain_text("rank distance")
    assert page.locator("#lab-tabs .heatmap td.own").count() == 13
    page.locator("#heat").scroll_into_view_if_needed()
    shoot(page, "lab")
    assert violations(page) == []


def test_a_phone_has_no_horizontal_scroll(browser: Browser, address: str, shoot: Shoot) -> None:
    phone = opened(browser, address, viewport=PHONE)
    ask(phone, MIXED)
    expect(phone.locator("#finding h2")).to_be_in_viewport()  # before ten cards
    phone.get_by_role("button", name="Filters").click()
    expect(phone.locator("#correct")).to_be_in_viewport()
    expect(phone.locator(".card").first).to_be_attached()
    shoot(phone, "phone")
    for name in ("Search", "Compare", "Bias lab", "Index"):
        tab(phone, name)
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    phone.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, address: str, scheme: str, shoot: Shoot) -> None:
    page = opened(browser, address, color_scheme=scheme)
    assert violations(page) == []
    ask(page, MIXED)
    page.locator("#more button").click()
    shoot(page, f"search-{scheme}")
    assert violations(page) == []
    for name in ("Compare", "Index"):
        tab(page, name)
        page.wait_for_timeout(300)
        assert violations(page) == [], name
    page.close()


@pytest.mark.parametrize(
    ("locale", "direction", "late", "label"),
    [
        ("de-DE", "ltr", "Plätze später", "Sprachen mischen"),
        ("es-ES", "ltr", "puestos más abajo", "Mezclar idiomas"),
        ("ar-EG", "rtl", "متأخرة", "مزج اللغات"),
        ("zh-CN", "ltr", "落后", "混合语言"),
    ],
)
def test_the_page_speaks_the_browsers_language(
    browser: Browser, address: str, shoot: Shoot, locale: str, direction: str, late: str, label: str
) -> None:
    problems: list[str] = []
    page = opened(browser, address, problems=problems, locale=locale)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(page.locator(".example .finding h2")).to_contain_text(late)
    page.goto(f"{address}/?q=coral+bleaching")
    expect(page.locator("#finding h2")).to_contain_text(late)
    expect(page.get_by_text(label).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
    shoot(page, f"search-{locale[:2]}")
    page.close()
    assert [problem for problem in problems if not problem.startswith(address)] == []
