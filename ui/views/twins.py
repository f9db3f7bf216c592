"""Render the same passage in other languages, inside a card."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from searchapp.datatypes import Hit
from ui.views.parts import badge, text_direction


def twins_view(hits: Sequence[Hit]) -> str:
    """Render passages with the same content, one line each.

    Args:
        hits: Translations of one passage; may be empty.
    """
    if not hits:
        return '<p class="quiet" role="status">No passage of the collection is known to say the same.</p>'
    return f"<ul>{''.join(_twin(hit) for hit in hits)}</ul>"


def _twin(hit: Hit) -> str:
    language = escape(hit.language)
    return (
        f'<li>{badge(hit.language)}<p dir="{text_direction(hit.language)}" lang="{language}">'
        f"<b>{escape(hit.title)}</b> {escape(hit.text)}</p></li>"
    )
