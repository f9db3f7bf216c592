"""Prepare small values that all views share: language colours, directions, numbers, shortened texts."""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.text.languages import NAMES, direction
from searchapp.text.snippets import snippet

GOLDEN_ANGLE = 137.508
_CHOSEN = ("ru", "es", "hi", "de", "el", "ar", "he", "vi", "ja", "en", "zh", "fr", "th")
"""Languages that often occur on one page, spread evenly around the colour circle."""
_HUES = {code: round(360 * place / len(_CHOSEN)) for place, code in enumerate(_CHOSEN)}
_PLACES = {code: place for place, code in enumerate(sorted(NAMES.keys() - _HUES.keys()))}


def hue(language: str) -> int:
    """Return the fixed hue of a language, 0 to 359 degrees; the golden angle separates the rarer languages.

    Args:
        language: BCP 47 code.
    """
    if language in _HUES:
        return _HUES[language]
    return round(11 + _PLACES.get(language, len(_PLACES)) * GOLDEN_ANGLE) % 360


def text_direction(language: str) -> str:
    """Return the value of HTML's `dir` for a text: `ltr`, `rtl` or `auto`, which detects it from the letters.

    Args:
        language: BCP 47 code; `und`, an unknown language, gives `auto`.
    """
    return "auto" if language == "und" else direction(language)


def beginning(text: str, language: str, *, columns: int) -> str:
    """Return the first words of a text, with whole graphemes; not escaped.

    Args:
        text: Text to shorten.
        language: BCP 47 code of the text.
        columns: Maximum width in columns; wide characters take two.
    """
    shown = snippet(text, "", language, length=columns)
    return shown.text + (" …" if shown.end < len(text.rstrip()) else "")


def percent(value: float) -> str:
    """Format a share for people as whole percent; a small one is not shown as zero.

    Args:
        value: Share between 0 and 1.
    """
    return "less than 1 %" if 0 < value < 0.005 else f"{value:.0%}".replace("%", " %")


def listed(names: Sequence[str], *, most: int = 4) -> str:
    """Join names as `A, B and C` or `A, B, C, D and 5 more`.

    Args:
        names: Names to join; may be empty.
        most: Maximum number of names to write out.
    """
    shown = list(names[:most])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def shortened(text: str, *, most: int = 70) -> str:
    """Shorten a text to its beginning, on one line.

    Args:
        text: Text to shorten; line breaks become spaces.
        most: Maximum number of characters.
    """
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
