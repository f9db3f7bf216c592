"""Define the table of scripts: their characters, the languages they imply, and which are written without spaces.

Every pattern for text without spaces in the project is derived from `UNSPACED` and its two parts, so that a script is
classified the same way everywhere. The lexical leg makes one exception: Tibetan has no spaces between words, but a mark
between syllables, at which its terms are cut like words.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter
from functools import lru_cache

NO_SCRIPT = "Zyyy"

_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x007A, "Latn"),
    (0x00AA, 0x00AA, "Latn"),
    (0x00BA, 0x02AF, "Latn"),
    (0x0370, 0x03E1, "Grek"),
    (0x03E2, 0x03EF, "Copt"),
    (0x03F0, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x058F, "Armn"),
    (0x0591, 0x05F4, "Hebr"),
    (0x0610, 0x06FF, "Arab"),
    (0x0700, 0x074F, "Syrc"),
    (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"),
    (0x07C0, 0x07FF, "Nkoo"),
    (0x0860, 0x086F, "Syrc"),
    (0x0870, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B00, 0x0B7F, "Orya"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"),
    (0x0F00, 0x0FFF, "Tibt"),
    (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x139F, "Ethi"),
    (0x13A0, 0x13FF, "Cher"),
    (0x1400, 0x167F, "Cans"),
    (0x1780, 0x17FF, "Khmr"),
    (0x1800, 0x18AF, "Mong"),
    (0x18B0, 0x18FF, "Cans"),
    (0x1C80, 0x1C8F, "Cyrl"),
    (0x1C90, 0x1CBF, "Geor"),
    (0x1D00, 0x1D25, "Latn"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x2C60, 0x2C7F, "Latn"),
    (0x2C80, 0x2CFF, "Copt"),
    (0x2D00, 0x2D2F, "Geor"),
    (0x2D30, 0x2D7F, "Tfng"),
    (0x2D80, 0x2DDF, "Ethi"),
    (0x2DE0, 0x2DFF, "Cyrl"),
    (0x3005, 0x3007, "Hani"),
    (0x3041, 0x309F, "Hira"),
    (0x30A1, 0x30FF, "Kana"),
    (0x3105, 0x312F, "Bopo"),
    (0x3131, 0x318F, "Hang"),
    (0x31A0, 0x31BF, "Bopo"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xA640, 0xA69F, "Cyrl"),
    (0xA722, 0xA7FF, "Latn"),
    (0xA8E0, 0xA8FF, "Deva"),
    (0xA960, 0xA97F, "Hang"),
    (0xA9E0, 0xA9FF, "Mymr"),
    (0xAA60, 0xAA7F, "Mymr"),
    (0xAB00, 0xAB2F, "Ethi"),
    (0xAB30, 0xAB64, "Latn"),
    (0xAB70, 0xABBF, "Cher"),
    (0xAC00, 0xD7FF, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB00, 0xFB06, "Latn"),
    (0xFB13, 0xFB17, "Armn"),
    (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFC, "Arab"),
    (0xFF21, 0xFF5A, "Latn"),
    (0xFF66, 0xFF9F, "Kana"),
    (0xFFA0, 0xFFDC, "Hang"),
    (0x1B000, 0x1B16F, "Kana"),
    (0x20000, 0x323AF, "Hani"),
)
"""First and last code point of a block, and the script of its letters and marks. Other characters of a block are common."""

_STARTS = [start for start, _, _ in _RANGES]


def characters_of(*scripts: str) -> str:
    """Return the characters of scripts as the inside of a character class, for both `re` and `regex`.

    Args:
        scripts: ISO 15924 codes from the table.
    """
    ranges = ((first, last) for first, last, script in _RANGES if script in scripts)
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


SYLLABARIES = ("Hani", "Hira", "Kana", "Bopo")
"""Scripts without spaces in which a word has one or two characters: those of Chinese and Japanese."""

ABUGIDAS = ("Thai", "Laoo", "Khmr", "Mymr", "Tibt")
"""Scripts without spaces between words in which a word has several letters. Tibetan marks the end of each syllable."""

UNSPACED_SCRIPTS = frozenset({*SYLLABARIES, *ABUGIDAS, "Jpan"})
"""Codes of all scripts without spaces between words, as `script_of` returns them."""

IDEOGRAPHS = characters_of(*SYLLABARIES)
"""Inside of a character class: the characters of Chinese and Japanese."""

CLAUSES = characters_of(*ABUGIDAS)
"""Inside of a character class: the letters of the other scripts without spaces between words."""

UNSPACED = IDEOGRAPHS + CLAUSES
"""Inside of a character class: all characters that are written without spaces between words."""

RIGHT_TO_LEFT_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo"})
"""Scripts written from right to left."""

LANGUAGES_OF = {
    "Armn": ("hy",),
    "Beng": ("bn", "as", "bpy"),
    "Cans": ("iu", "cr"),
    "Cher": ("chr",),
    "Ethi": ("am", "ti"),
    "Geor": ("ka", "xmf"),
    "Grek": ("el",),
    "Gujr": ("gu",),
    "Guru": ("pa",),
    "Hang": ("ko",),
    "Hani": ("zh", "ja"),
    "Hebr": ("he", "yi"),
    "Hira": ("ja",),
    "Kana": ("ja",),
    "Khmr": ("km",),
    "Knda": ("kn",),
    "Laoo": ("lo",),
    "Mlym": ("ml",),
    "Mong": ("mn",),
    "Mymr": ("my",),
    "Nkoo": ("nqo",),
    "Orya": ("or",),
    "Sinh": ("si",),
    "Taml": ("ta",),
    "Telu": ("te",),
    "Thaa": ("dv",),
    "Thai": ("th",),
    "Tfng": ("zgh",),
    "Tibt": ("bo", "dz"),
}
"""Script -> the languages written in it, the most common first, for scripts that (almost) determine the language."""

SAMPLE = 64
"""Characters sampled by `script_of`, spread over the text."""

KANA = 0.1
"""Share of kana among Han and kana from which a text is Japanese. Chinese text may quote a Japanese name."""


@lru_cache(maxsize=1 << 16)
def script_of_character(character: str) -> str:
    """Return the ISO 15924 code of a letter or mark; `Zyyy` for digits, punctuation, spaces and unlisted scripts.

    Punctuation is common to all scripts, whatever its block: the danda of the Devanagari block also ends Bengali sentences.

    Args:
        character: A single character.
    """
    point = ord(character)
    place = bisect_right(_STARTS, point) - 1
    if place < 0 or point > _RANGES[place][1]:
        return NO_SCRIPT
    category = unicodedata.category(character)
    return _RANGES[place][2] if category[0] in "LM" or category == "Nl" else NO_SCRIPT


def script_of(text: str) -> str:
    """Return the script of most letters of a text, judged on at most 64 characters spread over it.

    Han with kana is Japanese and returned as `Jpan`. A text without letters gives `Zyyy`.

    Args:
        text: Text of any length.
    """
    if len(text) > SAMPLE:
        text = text[:: len(text) // SAMPLE + 1]
    counts = Counter(map(script_of_character, text))
    counts.pop(NO_SCRIPT, None)
    if not counts:
        return NO_SCRIPT
    kana = counts.pop("Hira", 0) + counts.pop("Kana", 0)
    if kana:
        han = counts.pop("Hani", 0)
        counts["Jpan" if kana >= KANA * (kana + han) else "Hani"] = kana + han
    return max(counts.items(), key=lambda pair: (pair[1], pair[0]))[0]
