"""Render the same passage in other languages, inside a card."""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.datatypes import Hit
from ui.views.templates import draw


def twins_view(hits: Sequence[Hit]) -> str:
    """Render passages with the same content, one line each.

    Args:
        hits: Translations of one passage; may be empty.
    """
    return draw("twins", hits=hits)
