"""Lay out the search tab: the query, the hits as cards, and what they show about the languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from searchapp.errors import InputError
from ui.asking import ask, search
from ui.controls import Controls, abilities_of, collect, make_balance, make_main, make_more, settings_of
from ui.export import export
from ui.findings import Versions, find
from ui.labels import chrome, label, spoken
from ui.landing import Landing, is_demo
from ui.pool import Pool
from ui.safety import guarded
from ui.state import Settings
from ui.views.cards import results_view
from ui.views.finding import card_lines, finding_view
from ui.views.landing import example_view, landing_view, map_view
from ui.views.message import message_view
from ui.views.panel import cost_view
from ui.views.parts import shortened
from ui.views.twins import twins_view
from ui.views.welcome import chips_view, welcome_view
from ui.wording import Wording, wording

MOST_STATE = 40_000
"""Maximum length of an address that is read."""
SCRIPT = Path(__file__).with_name("assets") / "page.js"


@dataclass(frozen=True, slots=True)
class SearchTab:
    """The components that are restored from the page's address."""

    query: Any
    collection: Any
    controls: Controls
    results: Any
    cost: Any

    @property
    def inputs(self) -> list[Any]:
        """Return the components with the inputs of a search."""
        return [self.query, self.collection, *self.controls.inputs]

    @property
    def outputs(self) -> list[Any]:
        """Return the components that `restore` fills."""
        return [self.query, self.collection, *self.controls.inputs, self.controls.missing, self.results, self.cost]


def make_search_tab(pool: Pool) -> SearchTab:
    """Lay out the tab and connect its events.

    Args:
        pool: Provides the clients of the collections; the caller keeps it open while the page is served.
    """
    tab = _layout(pool)

    def asked_for(request: gr.Request, query: str, collection: str, *values: Any) -> tuple[str, str]:
        return answer(pool, settings_of(query, collection, values), spoken(request))

    def similar(event: gr.EventData, request: gr.Request, query: str, collection: str, *values: Any) -> tuple[str, str]:
        settings = settings_of(query, collection, values)
        return answer(pool, replace(settings, similar=str(event.id)), spoken(request))

    def asked(event: gr.EventData, request: gr.Request, collection: str, *values: Any) -> tuple[str, str, str]:
        settings = settings_of(str(event.query), collection, values)
        return settings.query, *answer(pool, settings, spoken(request))

    def typed(event: gr.EventData, request: gr.Request, collection: str, *values: Any) -> tuple[str, str]:
        return answer(pool, settings_of(str(event.query), collection, values), spoken(request))

    def restored(event: gr.EventData, request: gr.Request) -> list[Any]:
        return restore(pool, tab, dict(event.address), spoken(request))

    def switched(request: gr.Request, query: str, collection: str, *values: Any) -> list[Any]:
        settings = replace(settings_of(query, collection, values), languages=())
        able = abilities_of(pool, collection)
        return [*tab.controls.updates(settings, able), *answer(pool, settings, spoken(request))]

    quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    outputs = [tab.results, tab.cost]
    gr.on(
        [
            tab.query.submit,
            *(part.input for part in tab.controls.inputs),
        ],
        asked_for,
        tab.inputs,
        outputs,
        trigger_mode="always_last",
        api_name="page_search",
        **quick,
    )
    tab.results.similar(similar, tab.inputs, outputs, api_name="page_similar", **quick)
    tab.results.ask(asked, tab.inputs[1:], [tab.query, *outputs], api_name="page_ask", **quick)
    tab.results.typed(typed, tab.inputs[1:], outputs, api_name="page_typed", trigger_mode="always_last", **quick)
    tab.results.restore(restored, None, tab.outputs, api_name="page_restore", **quick)
    changed = [*tab.controls.inputs, tab.controls.missing, *outputs]
    tab.collection.input(switched, tab.inputs, changed, api_name="page_switch", **quick)
    return tab


def restore(pool: Pool, tab: SearchTab, address: dict[str, str], say: Wording) -> list[Any]:
    """Fill the tab from the page's address, and search if it contains a query.

    Args:
        pool: Provides the clients of the collections.
        tab: The tab to fill.
        address: Values of the address's parameters by name.
        say: Texts in the language of the page.
    """
    settings = Settings.from_query(address)
    names = pool.names()
    if settings.collection not in names:
        settings = replace(settings, collection=pool.default)
    able = abilities_of(pool, settings.collection)
    box = gr.update(value=settings.collection, choices=names, visible=len(names) > 1)
    return [settings.query, box, *tab.controls.updates(settings, able), *answer(pool, settings, say)]


def answer(pool: Pool, settings: Settings, say: Wording) -> tuple[str, str]:
    """Search and render the cards and the cost of the corrections. Errors become a message; details go to the log.

    Args:
        pool: Provides the clients of the collections.
        settings: The query and its settings.
        say: Texts in the language of the page.
    """
    if not settings.query.strip() and not settings.similar:
        return landing(pool, settings.collection, say), ""

    def work() -> tuple[str, str]:
        client = pool.client(settings.collection)
        page = ask(client, settings)
        shown = replace(settings, collection="" if settings.collection == pool.default else settings.collection)
        drawn = results_view(
            page,
            say,
            settings=settings,
            state=shown.to_query_string(),
            like=shortened(page.result.query) if settings.similar else "",
            parallel=len(client.languages()) > 1,
        )
        return drawn, cost_view(page.result)

    return guarded(
        work,
        said=lambda headline, advice: (message_view(headline, advice, kind="error"), ""),
        headline="This search did not work.",
    )


def landing(pool: Pool, collection: str, say: Wording) -> str:
    """Render the view before the first search.

    Args:
        pool: Provides the clients of the collections.
        collection: Name of the selected collection; empty for the default one.
        say: Texts in the language of the page.
    """
    if not pool.names():
        return welcome_view([])

    def work() -> str:
        client = pool.client(collection)
        return landing_view(client.manifest(), say, demo=is_demo(client))

    return guarded(work, said=lambda headline, advice: message_view(headline, advice, kind="error"))


def finding(pool: Pool, known: Versions, state: str, say: Wording) -> tuple[str, dict[str, str]]:
    """Render what a search shows about its languages: the panel, and a line for each card.

    Args:
        pool: Provides the clients of the collections.
        known: Cache of existing translations.
        state: The search, in the form of an address.
        say: Texts in the language of the page.
    """
    settings = Settings.from_query(dict(parse_qsl(state[:MOST_STATE])))
    if not settings.query.strip() and not settings.similar:
        return "", {}

    def work() -> tuple[str, dict[str, str]]:
        found = find(pool.client(settings.collection), settings, known=known)
        return finding_view(found, say), card_lines(found, say)

    return guarded(work, said=lambda headline, advice: (message_view(headline, advice, kind="error"), {}))


def _layout(pool: Pool) -> SearchTab:
    names = pool.names()
    able = abilities_of(pool, pool.default)

    def twins(request: Sequence[str]) -> str:
        """Return the same passage in other languages, as HTML for its card."""
        return guarded(
            lambda: _twins(pool, request), said=lambda headline, advice: message_view(headline, advice, kind="error")
        )

    known = Versions()
    landed = Landing(known)

    def example(given: Sequence[str], request: gr.Request) -> str:
        """Return the example of the landing view with its result, as HTML."""
        found = guarded(lambda: landed.example(pool.client(str(given[0]))), said=lambda headline, advice: None)
        return "" if found is None else example_view(found, spoken(request))

    def mapped(given: Sequence[str], request: gr.Request) -> str:
        """Return the heat map of the demo, as HTML."""
        found = guarded(lambda: landed.measured(pool.client(str(given[0]))), said=lambda headline, advice: None)
        return "" if found is None else map_view(found, spoken(request))

    def landed_on(given: Sequence[str], request: gr.Request) -> list[Any]:
        """Return the landing view and the page's own texts in the browser's language."""
        say = spoken(request)
        return [landing(pool, str(given[0]), say), chrome(say)]

    def told(given: Sequence[str], request: gr.Request) -> list[Any]:
        """Return the finding of a search, as HTML for the panel and the cards."""
        return list(finding(pool, known, str(given[0]), spoken(request)))

    def saved(request: Sequence[str]) -> str:
        """Return the hits of a search as a file's text."""
        return guarded(lambda: _saved(pool, request), said=lambda headline, advice: advice)

    with gr.Row(elem_id="ask", equal_height=True):
        collection = gr.Dropdown(
            names,
            value=pool.default or None,
            label="Collection",
            scale=2,
            min_width=150,
            elem_id="collection",
            visible=len(names) > 1,
            filterable=False,
        )
        query = gr.Textbox(
            label="Query",
            show_label=False,
            placeholder=label("placeholder"),
            autofocus=True,
            lines=1,
            max_lines=1,
            scale=8,
            elem_id="query",
            max_length=10_000,
            submit_btn=label("search"),
            html_attributes=gr.InputHTMLAttributes(spellcheck=False, autocomplete="off", enterkeyhint="search"),
        )
    gr.HTML(chips_view(), elem_id="chips", apply_default_css=False)
    with gr.Row(elem_id="answers"):
        with gr.Column(scale=7, min_width=320, elem_id="answer-column"):
            results = gr.HTML(
                landing(pool, "", wording()),
                elem_id="results",
                apply_default_css=False,
                js_on_load=SCRIPT.read_text(encoding="utf-8"),
                server_functions=[twins, told, landed_on, example, mapped, saved],
            )
        with gr.Column(scale=5, min_width=320, elem_id="side"):
            gr.HTML('<div class="slot" aria-live="polite"></div>', elem_id="finding", apply_default_css=False)
            with gr.Column(elem_id="correct", elem_classes="sheet"):
                parts = make_balance("search")
                cost = gr.HTML("", elem_id="cost", apply_default_css=False)
            with gr.Column(elem_id="choose", elem_classes="sheet"):
                parts |= make_main("search", able)
                with gr.Accordion(label("more"), open=False, elem_id="more"):
                    parts |= make_more("search", able)
                    controls = collect(parts, able, prefix="search")
    return SearchTab(query=query, collection=collection, controls=controls, results=results, cost=cost)


def _twins(pool: Pool, request: Sequence[str]) -> str:
    collection, id_ = (str(value) for value in request)
    if not id_:
        raise InputError("no passage is named")
    hits = pool.client(collection).translations_of(id_)
    return twins_view(hits)


def _saved(pool: Pool, request: Sequence[str]) -> str:
    state, form = (str(value) for value in request)
    settings = replace(Settings.from_query(dict(parse_qsl(state[:MOST_STATE]))), limit=100, page=1)
    hits = search(pool.client(settings.collection), settings).hits
    return export(hits, "csv" if form == "csv" else "json")
