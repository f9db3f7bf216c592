"""Split compound words in languages that write them without spaces.

A word is split where both sides are known parts, with a linking element between them where the language has one (Koehn &
Knight 2003). `training.compound_parts` counted the parts in openly licensed text; `data/ATTRIBUTION.md` names its sources.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import zstandard

LEAST_WORD = 6
"""Minimum length of a word to be split, in letters."""

LEAST_PART = 3
MOST_PARTS = 6

LINKS: dict[str, tuple[str, ...]] = {
    "da": ("", "s", "e", "er"),
    "de": ("", "s", "n", "en", "es", "er", "e"),
    "fi": ("", "n"),
    "hu": ("",),
    "nl": ("", "s", "en", "e", "n"),
    "sv": ("", "s", "o", "e"),
}
"""Language -> linking elements that may stand between two parts."""

RELATIVES = {"no": "da", "fo": "da", "af": "nl", "fy": "nl", "lb": "de"}
"""Languages without counted parts -> the closely related language whose parts they use."""


def parts(word: str, language: str) -> tuple[str, ...]:
    """Split a compound into its parts; return an empty tuple if the word is not a compound.

    Args:
        word: A folded word in Latin letters.
        language: BCP 47 primary subtag.
    """
    language = RELATIVES.get(language, language)
    if language not in LINKS or len(word) < LEAST_WORD or len(word) > 64:
        return ()
    known = _known().get(language, frozenset())
    found = _cut(word, known, LINKS[language])
    return found if len(found) > 1 else ()


def _cut(word: str, known: frozenset[str], links: tuple[str, ...]) -> tuple[str, ...]:
    """Find the split with the fewest parts by dynamic programming; prefer the longest shortest part among equals."""
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[0] = ()
    for start in range(len(word) - LEAST_PART + 1):
        before = best[start]
        if before is None or len(before) >= MOST_PARTS:
            continue
        for end in range(start + LEAST_PART, len(word) + 1):
            part = word[start:end]
            if part not in known or part == word:
                continue
            for link in links:
                after = end + len(link)
                if (after < len(word) or not link) and word.startswith(link, end):
                    _keep(best, after, (*before, part))
    return best[-1] or ()


def _keep(best: list[tuple[str, ...] | None], place: int, found: tuple[str, ...]) -> None:
    old = best[place]
    if old is None or (-len(found), min(map(len, found))) > (-len(old), min(map(len, old))):
        best[place] = found


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    packed = (Path(__file__).parent / "data" / "compound_parts.txt.zst").read_bytes()
    lines = zstandard.ZstdDecompressor().decompress(packed).decode().splitlines()
    return {line.partition(" ")[0]: frozenset(line.split(" ")[1:]) for line in lines}
