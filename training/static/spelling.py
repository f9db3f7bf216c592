"""Build the table of Latin spellings of all characters from anyascii's transliterations (ISC licence)."""

from __future__ import annotations

import unicodedata

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from searchapp.encoders.sounds import SPELLING


def spelling_table() -> NDArray[np.uint32]:
    """Return the letters and digits of each of the first 65,536 code points: (65536,) uint32, four bytes each."""
    table = np.zeros((0x10000, SPELLING), dtype=np.uint8)
    for code in range(0x10000):
        character = chr(code)
        spelt = _spell(character).encode("ascii")[:SPELLING]
        table[code, : len(spelt)] = np.frombuffer(spelt, dtype=np.uint8)
    return table.view(np.uint32).ravel()


def _spell(character: str) -> str:
    """Return the sound of a character; marks and apostrophes have none, and anything else but letters ends a word."""
    category = unicodedata.category(character)
    if category == "Cs":
        return ""
    if character in ".,٫٬":
        return "."
    if category == "Nd":
        return str(unicodedata.digit(character))
    spelt = "".join(c for c in anyascii(unicodedata.normalize("NFKC", character)).lower() if c.isalnum())
    if category[0] in "LN" and spelt:
        return spelt
    if category[0] == "M" or character in "'’ʼ\u200c\u200d\u00ad":
        return spelt
    return " " if category[0] != "L" else ""
