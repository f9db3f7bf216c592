"""Scripts: which one a character or a text is in, and the languages that one script alone decides."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

NO_SCRIPT = "Zyyy"

_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x005A, "Latn"),
    (0x0061, 0x007A, "Latn"),
    (0x00AA, 0x00AA, "Latn"),
    (0x00C0, 0x024F, "Latn"),
    (0x0250, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x058F, "Armn"),
    (0x05D0, 0x05F2, "Hebr"),
    (0x0620, 0x065F, "Arab"),
    (0x066E, 0x06FF, "Arab"),
    (0x0750, 0x077F, "Arab"),
    (0x0780, 0x07BF, "Thaa"),
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
    (0x1780, 0x17FF, "Khmr"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x3005, 0x3007, "Hani"),
    (0x3040, 0x309F, "Hira"),
    (0x30A0, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xAC00, 0xD7AF, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFC, "Arab"),
    (0xFF21, 0xFF5A, "Latn"),
    (0xFF66, 0xFF9D, "Kana"),
    (0x20000, 0x323AF, "Hani"),
)
_STARTS = [start for start, _, _ in _RANGES]
_NOT_LETTERS = frozenset("×÷")

LANGUAGES_OF = {
    "Armn": ("hy",),
    "Beng": ("bn", "as", "bpy"),
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
    "Mymr": ("my",),
    "Orya": ("or",),
    "Sinh": ("si",),
    "Taml": ("ta",),
    "Telu": ("te",),
    "Thaa": ("dv",),
    "Thai": ("th",),
    "Tibt": ("bo", "dz"),
}
"""Scripts that (almost) decide the language: the languages written in them, the usual one first."""

SAMPLE = 64


def script_of_character(character: str) -> str:
    """ISO 15924 code of a letter; `Zyyy` for digits, punctuation, spaces and unlisted scripts."""
    point = ord(character)
    place = bisect_right(_STARTS, point) - 1
    if place < 0 or point > _RANGES[place][1] or character in _NOT_LETTERS:
        return NO_SCRIPT
    return _RANGES[place][2]


def script_of(text: str) -> str:
    """Script of most letters of a text, judged on at most 64 characters spread over it.

    Any kana makes Han characters Japanese, so `Hira` and `Kana` are given as `Jpan`; `Zyyy` when there are no letters.
    """
    if len(text) > SAMPLE:
        text = text[:: len(text) // SAMPLE + 1]
    counts = Counter(map(script_of_character, text))
    counts.pop(NO_SCRIPT, None)
    if not counts:
        return NO_SCRIPT
    kana = counts.pop("Hira", 0) + counts.pop("Kana", 0)
    if kana:
        counts["Jpan"] = kana + counts.pop("Hani", 0)
    return max(counts.items(), key=lambda pair: (pair[1], pair[0]))[0]
