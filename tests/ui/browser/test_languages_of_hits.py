"""Test the languages of the hits: how the page reports, corrects and filters them."""

from __future__ import annotations

import re

import pytest
from browsing import CORAL, Shoot, ask, languages_of, violations
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


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


def test_the_language_filter_narrows_the_hits(page: Page) -> None:
    ask(page, "Warum leuchten Polarlichter grün?")
    page.locator("#search-languages input").click()
    page.get_by_role("option", name="日本語 · Japanese").click()
    expect(page.locator("#finding h2")).to_have_text("Only one language was searched")
    assert set(languages_of(page)) == {"ja"}
    expect(page.locator(".card h3").filter(has_text="オーロラ")).to_be_visible()


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


def test_the_landing_view_shows_languages_an_example_and_a_map(page: Page, shoot: Shoot) -> None:
    expect(page.locator(".tongues li")).to_have_count(13)
    expect(page.locator(".example .finding h2")).to_have_text(re.compile("later|not among|held back"))
    expect(page.locator(".map .heatmap td.own")).to_have_count(13, timeout=60_000)
    assert violations(page) == []
    shoot(page, "landing", full=True)
    page.locator(".question").click()
    expect(page.locator("#query input")).to_have_value("coral bleaching")
    expect(page.locator(".card").first).to_be_visible()
