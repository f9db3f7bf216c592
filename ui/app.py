"""The page: a query box, cards, and always beside them which languages the ranking favours."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr

from searchapp import SearchAppError, SearchClient
from searchapp.languages import english_name, native_name
from ui.charts import language_panel
from ui.theme import STYLE, theme
from ui.views import message_view, results_view

logger = logging.getLogger(__name__)

EXAMPLES = (
    "why do leaves look green",
    "warum leuchten Polarlichter?",
    "من بنى أهرامات الجيزة؟",
    "कॉफ़ी कहाँ से आई",
    "為什麼會有潮汐",
    "wie funktioniert photosynthesis en las plantas",
)
CONCURRENCY = 32
WELCOME = message_view("Ask in any language, or in several at once.", "Try one of the examples above.")


def build_app(client: SearchClient) -> gr.Blocks:
    """Make the page for a client; the caller keeps the client open while it is served."""

    def search(query: str, languages: list[str], mode: str, limit: float) -> tuple[str, str]:
        return answer(client, query, languages=languages, mode=mode, limit=int(limit))

    with gr.Blocks(title="searchapp", analytics_enabled=False, fill_width=True) as app:
        gr.HTML(
            '<header class="head"><h1>Search in every language</h1>'
            "<p>And see which languages the ranking favours.</p></header>"
        )
        with gr.Row():
            query = gr.Textbox(
                label="Query",
                placeholder="Any language, or several at once…",
                autofocus=True,
                scale=6,
                elem_id="query",
                max_length=10_000,
            )
            button = gr.Button("Search", variant="primary", scale=1, min_width=110, elem_id="search")
        with gr.Row(elem_classes="chips"):
            chips = [gr.Button(example, size="sm", min_width=80) for example in EXAMPLES]
        with gr.Accordion("Options", open=False), gr.Row():
            languages = gr.Dropdown(
                choices=_choices(client),
                multiselect=True,
                label="Only in these languages",
                info="None chosen: all of them.",
                elem_id="languages",
            )
            mode = gr.Radio(
                choices=["hybrid", "dense", "lexical"],
                value="hybrid",
                label="Ranking",
                info="Meaning (dense), words (lexical), or both fused.",
            )
            limit = gr.Slider(5, 50, value=10, step=5, label="Hits", info="More hits, surer language figures.")
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                results = gr.HTML(WELCOME, elem_id="results")
            with gr.Column(scale=3, min_width=300):
                panel = gr.HTML("", elem_id="panel")
        inputs: list[Any] = [query, languages, mode, limit]
        gr.on(
            [query.submit, button.click, languages.change, mode.change, limit.release],
            search,
            inputs=inputs,
            outputs=[results, panel],
            api_name="search_page",
            concurrency_limit=CONCURRENCY,
            show_progress="minimal",
        )
        for chip in chips:
            chip.click(lambda text: text, chip, query, api_visibility="private").then(
                search, inputs, [results, panel], concurrency_limit=CONCURRENCY, api_visibility="private"
            )
    return app


def answer(client: SearchClient, query: str, *, languages: list[str] | None, mode: str, limit: int) -> tuple[str, str]:
    """Search and render: (results, language panel); errors become a message, their details go to the log."""
    if not query.strip():
        return WELCOME, ""
    if mode not in ("dense", "lexical", "hybrid"):
        return message_view("This ranking is not known.", f"{mode!r}: use dense, lexical or hybrid.", kind="error"), ""
    try:
        result = client.search(query, limit=limit, languages=languages or None, mode=mode)  # type: ignore[arg-type]
    except SearchAppError as error:
        logger.warning("search failed: %s", error)
        return message_view("This search did not work.", str(error), kind="error"), ""
    return results_view(result), language_panel(result.report)


def launch(client: SearchClient, *, host: str, port: int, open_browser: bool = False, block: bool = True) -> gr.Blocks:
    """Serve the page until interrupted, or in the background when not `block`."""
    app = build_app(client)
    app.launch(
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        prevent_thread_lock=not block,
        quiet=True,
        share=False,
        theme=theme(),
        css_paths=STYLE,
        footer_links=[],
        ssr_mode=False,
    )
    return app


def _choices(client: SearchClient) -> list[tuple[str, str]]:
    return [(f"{native_name(code)} · {english_name(code)}", code) for code in sorted(client.languages())]
