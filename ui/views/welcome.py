"""Render the page before the first search."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ui.views.parts import message_view

EXAMPLES = (
    ("wie funktioniert photosynthesis en las plantas", "de"),
    ("من بنى أهرامات الجيزة؟", "ar"),
    ("why do leaves look green", "en"),
    ("為什麼會有潮汐", "zh"),
    ("कॉफ़ी कहाँ से आई", "hi"),
    ("כמה ארוך הדנ״א of a single human cell", "he"),
    ("почему пчёлы танцуют в улье", "ru"),
    ("血が青い海の生き物", "ja"),
    ("ทำไมเราเห็นรุ้ง", "th"),
)
"""Queries for the demo, each with the language in which it begins."""


def chips_view() -> str:
    """Render examples to click, and a place for recent queries, which the page's script fills."""
    chips = "".join(
        f'<button type="button" class="chip" data-ask="{escape(text)}" lang="{code}" dir="auto">{escape(text)}</button>'
        for text, code in EXAMPLES
    )
    return (
        f'<div class="chips" role="group" aria-label="Examples"><span class="tag" data-say="try">Try</span>{chips}</div>'
        '<div class="chips recent" role="group" aria-label="Recent searches" hidden><span class="tag" '
        'data-say="recent">Recent</span></div>'
    )


def welcome_view(names: Sequence[str]) -> str:
    """Explain how to create a first collection, or that the selected one cannot be opened.

    Args:
        names: Names of the collections.
    """
    if not names:
        return message_view("There is no collection yet.", "Build one in the Index tab, or run: searchapp demo")
    return message_view("Ask in any language, or in several at once.", "Results come in every language.")
