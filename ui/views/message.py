"""Render an empty or error state."""

from __future__ import annotations

from ui.views.templates import draw


def message_view(headline: str, advice: str, *, kind: str = "empty") -> str:
    """Render an empty or error state.

    Args:
        headline: What happened, as plain text.
        advice: What can be done, as plain text.
        kind: `empty` or `error`, which screen readers announce at once.
    """
    return draw("message", headline=headline, advice=advice, kind=kind)
