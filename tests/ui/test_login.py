"""Test the login in a real browser: who is let in, and that it looks like the page behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(demo_home: Path, serve) -> str:
    return serve(demo_home, read_only=True, users={"ada": "päss:word"})


def log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("username").fill(name)
    page.get_by_label("password").fill(password)
    page.get_by_role("button", name="Login").click()


def test_a_wrong_password_is_refused_and_the_right_one_opens_the_search(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/?q=aurora&k=5")
    expect(page).to_have_title("searchapp")
    for name, password in (("ada", "wrong"), ("eve", "päss:word"), ("ada", "")):
        log_in(page, name, password)
        expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
        expect(page.get_by_label("password")).to_have_value("")
    assert page.locator("#query").count() == 0
    log_in(page, "ada", "päss:word")
    expect(page.locator("#results .card")).to_have_count(5)  # the search that was asked for before the login
    page.reload()
    expect(page.locator("#query input")).to_have_value("aurora")
    page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1360), ("dark", 1360), ("light", 380)])
def test_the_login_looks_like_the_page(browser: Browser, address: str, scheme, width: int, shoot) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(address)
    card = page.locator(".panel", has=page.get_by_label("password"))
    paper, sheet = ("rgb(250, 248, 244)", "rgb(255, 255, 255)")
    if scheme == "dark":
        paper, sheet = ("rgb(20, 19, 18)", "rgb(29, 28, 26)")
    expect(card).to_have_css("background-color", sheet)
    expect(page.locator("body")).to_have_css("background-color", paper)
    assert card.evaluate("node => node.offsetWidth") == min(440, width - 28)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    log_in(page, "ada", "wrong")
    expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
    shoot(page, f"login-{scheme}-{width}")
    found = Axe().run(page).response["violations"]
    assert [item["id"] for item in found if item["impact"] in ("serious", "critical")] == []
    page.close()
