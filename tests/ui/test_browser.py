"""The real page in a real browser, on the real demo index."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from searchapp import SearchClient
from ui.app import launch

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(demo_home: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with SearchClient("demo", home=demo_home) as client:
        app = launch(client, host="127.0.0.1", port=port, block=False)
        yield f"http://127.0.0.1:{port}"
        app.close()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser, address: str) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(address)
    yield opened
    opened.close()
    assert problems == []


def ask(page: Page, query: str) -> None:
    box = page.locator("#query input")
    box.fill(query)
    box.press("Enter")
    expect(page.locator(".query")).to_contain_text(query.split()[0])
    expect(page.locator(".card").first).to_be_visible()


def shoot(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


@pytest.mark.parametrize(
    ("query", "language", "title"),
    [
        ("Warum leuchten Polarlichter grün?", "de", "Polarlicht"),
        ("من بنى أهرامات الجيزة؟", "ar", "أهرامات الجيزة"),
        ("光合作用", "zh", "光合作用"),
        ("почему пчёлы танцуют в улье", "ru", "Танец пчёл"),
        ("ทำไมแนวปะการังกลายเป็นสีขาว", "th", "แนวปะการัง"),
    ],
)
def test_a_query_in_its_own_script_finds_its_passage_first(page: Page, query: str, language: str, title: str) -> None:
    ask(page, query)
    first = page.locator(".card").first
    expect(first).to_have_attribute("data-language", language)
    expect(first.locator("h3")).to_have_text(title)
    expect(page.locator(".panel h2")).to_have_text("Who got the 10 places")
    expect(page.locator(".panel tbody tr")).to_have_count(13)


def test_right_to_left_cards_are_laid_out_right_to_left(page: Page) -> None:
    ask(page, "من بنى أهرامات الجيزة؟")
    text = page.locator('.card[data-language="ar"] .text').first
    expect(text).to_have_attribute("dir", "rtl")
    expect(text).to_have_attribute("lang", "ar")
    assert text.evaluate("node => getComputedStyle(node).direction") == "rtl"
    shoot(page, "arabic")


def test_a_mixed_query_shows_its_spans_and_the_balance(page: Page) -> None:
    ask(page, "wie funktioniert photosynthesis en las plantas")
    assert page.locator(".query .span small").all_text_contents() == ["de", "en", "es"]
    assert len(set(page.locator(".card .badge").all_text_contents())) >= 4
    expect(page.locator(".card h3").first).to_have_text(re.compile("Foto|Photo|Fotos"))
    shoot(page, "mixed")


def test_the_language_filter_narrows_the_hits(page: Page) -> None:
    ask(page, "Warum leuchten Polarlichter grün?")
    page.locator("#search-languages input").click()
    page.get_by_role("option", name="日本語 · Japanese").click()
    expect(page.locator(".panel tbody tr")).to_have_count(1)
    assert set(page.locator(".card").evaluate_all("nodes => nodes.map(node => node.dataset.language)")) == {"ja"}
    expect(page.locator(".card h3").first).to_have_text("オーロラ")


def test_examples_search_at_a_click(page: Page) -> None:
    page.get_by_role("button", name="warum leuchten Polarlichter?").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("#query input")).to_have_value("warum leuchten Polarlichter?")


def test_a_query_with_markup_is_shown_as_text(page: Page) -> None:
    ask(page, "<script>window.hacked=1</script> aurora")
    expect(page.locator(".query")).to_contain_text("<script>")
    assert page.evaluate("window.hacked") is None


def test_a_phone_has_no_horizontal_scroll(browser, address: str) -> None:
    phone = browser.new_page(viewport={"width": 380, "height": 800})
    phone.goto(address)
    ask(phone, "wie funktioniert photosynthesis en las plantas")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shoot(phone, "phone")
    phone.close()
