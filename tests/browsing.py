"""Share helpers for browser tests of the page: open it, search, check the results, and run axe-core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

CORAL = "vì sao san hô bị tẩy trắng"
MIXED = "wie funktioniert photosynthesis en las plantas"
DESKTOP = {"width": 1360, "height": 950}
PHONE = {"width": 380, "height": 800}
Shoot = Callable[..., None]


def opened(browser: Browser, address: str, *, problems: list[str] | None = None, **options: Any) -> Page:
    """Open the page and add the browser's errors and warnings to `problems`."""
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
    """Fill a box of a tab that was just opened; Gradio may render it again, empty."""
    for _ in range(5):
        page.locator(box).fill(text)
        page.wait_for_timeout(200)
        if page.locator(box).input_value() == text:
            return
    raise AssertionError(f"{box} does not keep its text")


def violations(page: Page) -> list[str]:
    """Return the serious and critical violations that axe-core finds, in three looks: Gradio fades what it redraws."""
    for _ in range(3):
        expect(page.locator(".pending")).to_have_count(0)
        found = [
            f"{item['id']}: {node['html'][:160]}"
            for item in Axe().run(page).response["violations"]
            if item["impact"] in ("serious", "critical")
            for node in item["nodes"][:3]
        ]
        if not found:
            break
        page.wait_for_timeout(1_000)
    return found
