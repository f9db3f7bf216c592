"""The page: search, compare, bias lab and index, over one client or over all the collections of a home."""

from __future__ import annotations

from typing import Any

import gradio as gr

from searchapp.client import SearchClient
from ui.api import add_api
from ui.pool import ClientPool, Pool
from ui.search_tab import make_search_tab
from ui.theme import STYLE, theme

USERS = 32
"""Searches that run at the same time; more wait."""

HEADER = (
    '<header class="head"><a class="brand" href="./" aria-label="searchapp, start anew"><svg viewBox="0 0 24 24" width="30" '
    'height="30" aria-hidden="true"><rect x="2" y="4" width="14" height="3.4" rx="1.7"/><rect x="2" y="10.3" width="20" '
    'height="3.4" rx="1.7"/><rect x="2" y="16.6" width="9" height="3.4" rx="1.7"/></svg><span>searchapp</span></a>'
    "<p>Search in every language, and see which ones the ranking favours.</p>"
    '<button type="button" class="toggle" data-theme-toggle="1" aria-label="Switch between light and dark">◐</button>'
    "</header>"
)


def build_app(source: SearchClient | Pool) -> gr.Blocks:
    """Make the page.

    Args:
        source: A client, or a pool of clients; the caller keeps it open while the page is served.
    """
    pool = ClientPool(source) if isinstance(source, SearchClient) else source
    with gr.Blocks(title="searchapp", analytics_enabled=False, fill_width=True) as app:
        gr.HTML(HEADER, elem_id="head", apply_default_css=False)
        with gr.Tabs(elem_id="tabs"), gr.Tab("Search", id="search"):
            make_search_tab(pool)
        add_api(pool)
    app.queue(default_concurrency_limit=USERS)
    return app


def launch(
    source: SearchClient | Pool, *, host: str, port: int, open_browser: bool = False, block: bool = True
) -> gr.Blocks:
    """Serve the page until interrupted, or in the background when not `block`."""
    app = build_app(source)
    app.launch(
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        prevent_thread_lock=not block,
        quiet=True,
        share=False,
        footer_links=[],
        ssr_mode=False,
        max_threads=USERS + 8,
        **looks(),
    )
    return app


def looks() -> dict[str, Any]:
    """What `launch` or `gr.mount_gradio_app` needs to make the page look as it should."""
    return {"theme": theme(), "css_paths": STYLE}
