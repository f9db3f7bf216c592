"""Open the page with the demo collection in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import opened
from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def address(demo_home: Path, serve) -> str:
    return serve(demo_home, read_only=True)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Provide a fresh page that must not report errors or send requests to another server."""
    problems: list[str] = []
    page = opened(browser, address, problems=problems)
    page.set_default_timeout(30_000)
    yield page
    page.close()
    assert [problem for problem in problems if "?" not in problem or not problem.startswith(address)] == []
