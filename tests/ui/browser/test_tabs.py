"""Test the other tabs: comparison, bias lab and index."""

from __future__ import annotations

import pytest
from browsing import CORAL, Shoot, tab, violations, write
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


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


def test_a_read_only_page_builds_nothing(page: Page) -> None:
    tab(page, "Index")
    expect(page.get_by_text("Building is switched off here.")).to_be_visible()
    expect(page.locator(".collection h3")).to_have_text("demo")
    expect(page.locator(".collection .live")).to_have_text("live")
    assert page.locator("#build-button, [data-activate]").count() == 0
