"""Lay out the Compare tab: one query on two collections or with two settings, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from ui.asking import search
from ui.controls import Controls, abilities_of, collect, make_balance, make_main, make_more, settings_of
from ui.labels import label
from ui.pool import Pool
from ui.safety import guarded
from ui.state import CONTROLS, DEFAULTS, Settings
from ui.views.compare import compare_view
from ui.views.message import message_view

EXAMPLE = "vì sao san hô bị tẩy trắng"
START = {"A": DEFAULTS, "B": replace(DEFAULTS, balance=1.0)}
"""Initial settings of the two sides: relevance alone, and a balanced ranking."""


def make_compare_tab(pool: Pool) -> list[Any]:
    """Lay out the tab and connect its events; return its collection choices.

    Args:
        pool: Provides the clients of the collections; the caller keeps it open while the page is served.
    """
    with gr.Row(elem_classes="ask-row"):
        query = gr.Textbox(
            label="Query to compare",
            show_label=False,
            placeholder=f"Ask both sides, such as: {EXAMPLE}",
            max_length=10_000,
            lines=1,
            max_lines=1,
            submit_btn="Compare",
            elem_id="compare-query",
            elem_classes="asking",
            html_attributes=gr.InputHTMLAttributes(spellcheck=False, autocomplete="off"),
        )
    with gr.Row(elem_id="compare-sides"):
        sides = [_side(pool, name) for name in START]
    output = gr.HTML(_hint(), elem_id="comparison", apply_default_css=False)
    choosers = [chooser for chooser, _ in sides]
    inputs = [query, *choosers, *(part for _, controls in sides for part in controls.inputs)]

    def compare(query: str, first: str, second: str, *values: Any) -> str:
        half = len(CONTROLS)
        left = settings_of(query, first, values[:half])
        right = settings_of(query, second, values[half:])
        return answer(pool, left, right)

    quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    controls = [controls for _, controls in sides]
    gr.on(
        [
            query.submit,
            *(chooser.input for chooser in choosers),
            *(part.input for side in controls for part in side.inputs),
        ],
        compare,
        inputs,
        output,
        trigger_mode="always_last",
        api_name="page_compare",
        **quick,
    )
    return choosers


def answer(pool: Pool, left: Settings, right: Settings) -> str:
    """Search with both settings and render the comparison. Errors become a message.

    Args:
        pool: Provides the clients of the two collections.
        left: Query and settings of side A; a blank query returns the hint.
        right: Query and settings of side B.
    """
    if not left.query.strip():
        return _hint()

    def work() -> str:
        results = [search(pool.client(settings.collection), settings) for settings in (left, right)]
        return compare_view(results[0], results[1], names=named(left, right))

    return guarded(
        work,
        said=lambda headline, advice: message_view(headline, advice, kind="error"),
        headline="This comparison did not work.",
    )


def named(left: Settings, right: Settings) -> tuple[str, str]:
    """Name the two sides by the settings that differ from the defaults.

    Args:
        left: Settings of side A.
        right: Settings of side B.
    """

    def name(settings: Settings, *, collection: bool) -> str:
        said = [settings.collection] if collection and settings.collection else []
        said.append(settings.mode)
        for field in CONTROLS:
            value, default = getattr(settings, field), getattr(DEFAULTS, field)
            if field not in ("mode", "limit") and value != default:
                said.append(f"{field.replace('_', ' ')} {_said(value)}")
        return " · ".join(said)

    differ = left.collection != right.collection
    return name(left, collection=differ), name(right, collection=differ)


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


def _side(pool: Pool, name: str) -> tuple[Any, Controls]:
    able = abilities_of(pool, pool.default)
    prefix = f"compare-{name.lower()}"
    names: Sequence[str] = pool.names()
    with gr.Column(elem_classes="sheet", elem_id=prefix, min_width=300):
        gr.HTML(f"<h2>{name}</h2>", apply_default_css=False, elem_classes="form-head")
        chooser = gr.Dropdown(
            list(names),
            value=pool.default or None,
            label="Collection",
            info="The collection that this side searches.",
            visible=len(names) > 1,
            filterable=False,
            elem_id=f"{prefix}-collection",
        )
        parts = make_balance(prefix, value=START[name].balance)
        with gr.Accordion(label("more"), open=False, elem_id=f"{prefix}-more"):
            parts |= make_main(prefix, able)
            parts |= make_more(prefix, able)
            controls = collect(parts, able, prefix=prefix)
    return chooser, controls


def _hint() -> str:
    return message_view("One query, two rankings.", "Set the two sides apart, then ask: the lines show what moved.")
