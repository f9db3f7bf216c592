"""Texts as words and what is between them, also where words are not set apart by spaces."""

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
"""Characters of a word looked for in scripts without spaces."""


def cut(text: str, known: Mapping[str, object]) -> list[tuple[str, bool]]:
    """Cut a text into pieces that join up to it again, and tell for each piece whether it is a word.

    In scripts without spaces the longest word of the lexicon that starts at a place is taken (maximum matching);
    characters of no known word stay single pieces.

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
    """Whether a text is written in a script without spaces only."""
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
