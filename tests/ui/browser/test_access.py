"""Test access to the page: by keyboard, by address, on a phone, with assistive software, in other languages."""

from __future__ import annotations

import pytest
from browsing import MIXED, PHONE, Shoot, ask, languages_of, opened, tab, violations
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


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
