"""Split texts into words and the parts between them, even where words are not separated by spaces."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from searchapp.text.scripts import UNSPACED

_UNSPACED = regex.compile(f"[{UNSPACED}]+")
_PIECES = regex.compile(
    rf"(?P<unspaced>[{UNSPACED}]+)"
    r"|(?P<word>[\p{L}\p{M}\p{N}]+(?:['’\-][\p{L}\p{M}\p{N}]+)*)"
    r"|(?P<other>.)",
    regex.DOTALL,
)
LONGEST = 8
"""Maximum length of a word in scripts without spaces, in characters."""


def cut(text: str, known: Mapping[str, object]) -> list[tuple[str, bool]]:
    """Split a text into pieces that add up to it, and determine for each whether it is a word.

    Args:
        text: The text to cut.
        known: Words of the text's language, in lower case.
    """
    pieces: list[tuple[str, bool]] = []
    for match in _PIECES.finditer(text):
        if match["unspaced"]:
            pieces += _segment(match["unspaced"], known)
        else:
            pieces.append((match[0], match["word"] is not None))
    return pieces


def is_unspaced(text: str) -> bool:
    """Return whether a text uses only scripts without spaces.

    Args:
        text: Text to examine; one other character, such as a space, is enough for False.
    """
    return _UNSPACED.fullmatch(text) is not None


def _segment(text: str, known: Mapping[str, object]) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    place = 0
    while place < len(text):
        for length in range(min(LONGEST, len(text) - place), 0, -1):
            word = text[place : place + length]
            if word in known:
                pieces.append((word, True))
                break
        else:
            length = 1
            pieces.append((text[place], False))
        place += length
    return pieces
