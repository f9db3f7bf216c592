"""Unicode normalisation: one function for queries and passages alike."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def normalize(text: str) -> str:
    """Compose (NFC), drop control characters, turn line ends into newlines, replace lone surrogates.

    Nothing else changes: case, width and spaces are what the reader sees. Offsets count the characters of this form.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATES.sub(REPLACEMENT, _UNWANTED.sub("", text))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
