"""Assemble the page (search, compare, bias lab and index) for one client or for all collections of a home folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from searchapp.client import SearchClient
from ui.api import add_api
from ui.building import Builds
from ui.compare_tab import make_compare_tab
from ui.index_tab import listing_view, make_index_tab
from ui.jobs import Jobs
from ui.lab_tab import make_lab_tab
from ui.labels import CATALOGUE, label
from ui.pool import ClientPool, Pool
from ui.safety import MAX_UPLOAD
from ui.search_tab import make_search_tab
from ui.theme import STYLE, theme

USERS = 32
"""Maximum number of concurrent searches; more wait."""

LOGO = (
    '<svg viewBox="0 0 24 24" width="30" height="30" aria-hidden="true"><rect x="2" y="4" width="14" height="3.4" rx="1.7"/>'
    '<rect x="2" y="10.3" width="20" height="3.4" rx="1.7"/><rect x="2" y="16.6" width="9" height="3.4" rx="1.7"/></svg>'
    "<span>searchapp</span>"
)
HEADER = (
    f'<header class="head"><a class="brand" href="./" aria-label="searchapp, start again">{LOGO}</a>'
    '<p data-say="tagline">Search in every language, and see which ones the ranking favours.</p>'
    '<button type="button" class="toggle" data-theme-toggle="1" aria-label="Switch between light and dark">◐</button>'
    "</header>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """Permissions and limits of a page.

    Attributes:
        builds: Runs the builds of the Index tab; None for a read-only page.
        folders: Folders on the server whose files may be indexed and whose evaluations may be shown.
        max_upload: Maximum size of an upload in bytes.
        users: User names and passwords; None to require no login.
        mcp: Also serve the endpoints as MCP tools.
        hosts: Host names under which the page may be reached, besides loopback names and the address it listens on. Pages
            of these hosts may show it in a frame and send requests to it.
    """

    builds: Builds | None = None
    folders: tuple[Path, ...] = ()
    max_upload: int = MAX_UPLOAD
    users: Mapping[str, str] | None = None
    mcp: bool = False
    hosts: tuple[str, ...] = ()


def build_app(source: SearchClient | Pool, *, options: PageOptions | None = None) -> gr.Blocks:
    """Create the page.

    Args:
        source: A client, or a pool of clients; the caller keeps it open while the page is served.
        options: Permissions and limits; default: read-only.
    """
    pool = ClientPool(source) if isinstance(source, SearchClient) else source
    allowed = options or PageOptions()
    jobs = Jobs()
    with gr.Blocks(title="searchapp", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as app:
        gr.HTML(HEADER, elem_id="head", apply_default_css=False)
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            with gr.Tab(label("tab.search"), id="search"):
                search = make_search_tab(pool)
            with gr.Tab(label("tab.compare"), id="compare"):
                choosers = [search.collection, *make_compare_tab(pool)]
            with gr.Tab(label("tab.lab"), id="lab"):
                choosers += make_lab_tab(pool, jobs, folders=allowed.folders)
            with gr.Tab(label("tab.index"), id="index"):
                listing = make_index_tab(pool, jobs, builds=allowed.builds, folders=allowed.folders, choosers=choosers)
        add_api(pool)

        def opened() -> list[Any]:
            choices = gr.update(choices=pool.names(), visible=len(pool.names()) > 1)
            return [*[choices] * len(choosers), listing_view(pool, allowed.builds)]

        app.load(
            opened,
            None,
            [*choosers, listing],
            queue=False,
            show_progress="hidden",
            api_visibility="private",
            api_name="page_opened",
        )
    app.queue(default_concurrency_limit=USERS)
    app.max_threads = USERS + 8
    return app


def looks() -> dict[str, Any]:
    """Return the theme and styles for `gr.mount_gradio_app` or Gradio's `launch`."""
    return {"theme": theme(), "css_paths": STYLE, "i18n": CATALOGUE}
