"""Render small parts that all views share: language colours and names, messages, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from searchapp.text.languages import NAMES, direction, english_name, native_name
from searchapp.text.snippets import snippet

GOLDEN_ANGLE = 137.508
_CHOSEN = ("ru", "es", "hi", "de", "el", "ar", "he", "vi", "ja", "en", "zh", "fr", "th")
"""Languages that often occur on one page, spread evenly around the colour circle."""
_HUES = {code: round(360 * place / len(_CHOSEN)) for place, code in enumerate(_CHOSEN)}
_PLACES = {code: place for place, code in enumerate(sorted(NAMES.keys() - _HUES.keys()))}


def hue(language: str) -> int:
    """Return a language's fixed hue; the golden angle separates the rarer languages."""
    if language in _HUES:
        return _HUES[language]
    return round(11 + _PLACES.get(language, len(_PLACES)) * GOLDEN_ANGLE) % 360


def badge(language: str) -> str:
    """Render the language's own name on its colour."""
    return (
        f'<span class="badge" style="--hue:{hue(language)}" title="{escape(english_name(language))}">'
        f'<bdi lang="{escape(language)}">{escape(native_name(language))}</bdi></span>'
    )


def text_direction(language: str) -> str:
    """Return HTML's `dir` of a text, detected from its letters if the language is unknown."""
    return "auto" if language == "und" else direction(language)


def beginning(text: str, language: str, *, columns: int) -> str:
    """Return the first words of a text, escaped and with whole graphemes."""
    shown = snippet(text, "", language, length=columns)
    return escape(shown.text) + (" …" if shown.end < len(text.rstrip()) else "")


def message_view(headline: str, advice: str, *, kind: str = "empty") -> str:
    """Render an empty or error state."""
    role = "alert" if kind == "error" else "status"
    body = f"<h2>{escape(headline)}</h2><p>{escape(advice)}</p>"
    return f'<section class="message {escape(kind)}" role="{role}">{body}</section>'


def percent(value: float) -> str:
    """Format a share for people as whole percent; a small one is not shown as zero."""
    return "less than 1 %" if 0 < value < 0.005 else f"{value:.0%}".replace("%", " %")


def listed(names: Sequence[str], *, most: int = 4) -> str:
    """Join names as `A, B and C` or `A, B, C, D and 5 more`."""
    shown = list(names[:most])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def shortened(text: str, *, most: int = 70) -> str:
    """Shorten a text to its beginning, on one line.

    Args:
        text: The text.
        most: Maximum number of characters.
    """
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
