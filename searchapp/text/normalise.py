"""Normalise Unicode text, in the same way for queries and passages."""

from __future__ import annotations

import unicodedata

from searchapp.text.patterns import pattern, unicode_pattern

REPLACEMENT = "\ufffd"

MOST_MARKS = 30
"""Maximum number of consecutive combining marks, as in Unicode's stream-safe format (UAX 15). No language needs more than a
few, and the time to normalise a run grows with the square of its length."""

_UNWANTED = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_SURROGATES = pattern("[\ud800-\udfff]")
SAMPLED = 7
"""Distance of the characters that are checked first, as few texts have any run of marks."""

_SAMPLED_RUN = unicode_pattern(rf"\p{{M}}{{{(MOST_MARKS + 1) // SAMPLED}}}")
_LONG_RUN = unicode_pattern(rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+")


def normalize(text: str) -> str:
    """Compose (NFC), drop control characters, convert line ends to newlines and replace lone surrogates.

    Marks after the thirtieth in a row are dropped. Case, width and spaces stay as the reader sees them. All offsets in
    the product count characters of this form.

    Args:
        text: Any string, including one with lone surrogates.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = bound_marks(_SURROGATES.sub(REPLACEMENT, _UNWANTED.sub("", text)))
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def bound_marks(text: str) -> str:
    """Drop the combining marks after the thirtieth in a row, in linear time.

    Args:
        text: Any string.
    """
    return _LONG_RUN.sub(r"\1", text) if _may_hold_a_long_run(text) else text


def _may_hold_a_long_run(text: str) -> bool:
    """Check every seventh character only: a run of 31 marks holds four of these in a row."""
    return not text.isascii() and _SAMPLED_RUN.search(text[::SAMPLED]) is not None
