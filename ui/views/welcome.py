"""Render the page before the first search."""

from __future__ import annotations

from collections.abc import Sequence

from ui.views.message import message_view
from ui.views.templates import draw

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
    return draw("chips", examples=EXAMPLES)


def welcome_view(names: Sequence[str]) -> str:
    """Explain how to create a first collection, or that the selected one cannot be opened.

    Args:
        names: Names of the collections.
    """
    if not names:
        return message_view("There is no collection yet.", "Build one in the Index tab, or run: searchapp demo")
    return message_view("Ask in any language, or in several at once.", "Results come in every language.")
