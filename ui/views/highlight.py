"""Words of the query in a text, marked; everything is escaped."""

from __future__ import annotations

import re
from html import escape

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
PREFIX = 4
"""Letters that two words must share at their beginning to count as forms of one word."""


def highlight(text: str, query: str) -> str:
    """Escape a text and mark the words that also stand in the query, or forms of them."""
    pieces = []
    last = 0
    for start, end in _matches(text, query):
        pieces += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return "".join([*pieces, escape(text[last:])])


def _matches(text: str, query: str) -> list[tuple[int, int]]:
    wanted = {word.casefold() for word in _WORD.findall(query)}
    words = {word for word in wanted if len(word) > 2 and not _UNSPACED.search(word)}
    found = [
        match.span()
        for match in _WORD.finditer(text)
        if any(_same_word(match.group().casefold(), word) for word in words)
    ]
    for word in wanted:
        if _UNSPACED.search(word):
            found += _shared_runs(text, word)
    return _merged(found)


def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    shared = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return shared >= PREFIX and shared >= 0.7 * max(len(one), len(other))


def _shared_runs(text: str, word: str) -> list[tuple[int, int]]:
    """Stretches of two or more characters that a text without spaces shares with a word of the query."""
    pairs = {word[place : place + 2] for place in range(len(word) - 1)}
    return [(place, place + 2) for place in range(len(text) - 1) if text[place : place + 2] in pairs]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
