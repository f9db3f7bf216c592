"""Turn numbers into terms by their value, whatever digits and separators they are written with."""

from __future__ import annotations

import unicodedata

from searchapp.text.patterns import pattern

DIGIT = pattern(r"\d")
_DIGITS = pattern(r"\d{1,18}")
_GROUPED = pattern(
    r"(?<!\d)\d{1,3}(?:[.,'’٬ \u00a0\u2009\u202f]\d{3})+(?!\d)|(?<!\d)\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"
    r"|(?<!\d)\d+(?:[-‐‑–]\d+){2,}"
)
_SEPARATORS = pattern(r"\D")


def numbers(text: str) -> list[str]:
    """Return the terms of the numbers in a text: the value of each run of digits, and of grouped digits as a whole.

    `1,000` gives 1, 0 and 1000, so that both readings find it. `3.14` and `3,14` share 3 and 14.

    Args:
        text: A text with digits of any script, including superscripts, circled digits and fractions.
    """
    if not text.isascii():
        text = _plain(text)
    if not DIGIT.search(text):
        return []
    found = [f"#{int(digits)}" for digits in _DIGITS.findall(text)]
    if len(found) > 1:
        found += [f"#{int(_SEPARATORS.sub('', match)[:18])}" for match in _GROUPED.findall(text)]
    return found


_COMPATIBLE = pattern(
    "[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u218b\u2460-\u24ff\u3220-\u33ff\uff10-\uff19]"
)


def _plain(text: str) -> str:
    return _COMPATIBLE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
