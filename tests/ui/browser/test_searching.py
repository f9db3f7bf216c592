"""Test searching on the real page in a real browser with the real demo collection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import MIXED, Shoot, ask, languages_of, opened, violations
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


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


def test_examples_search_at_a_click(page: Page) -> None:
    page.get_by_role("button", name="почему пчёлы").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("#query input")).to_have_value(re.compile("почему"))


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
