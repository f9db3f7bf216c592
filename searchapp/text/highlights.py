"""Where a text shares words with a query.

A word of the text counts when the lexical leg would match it (a term or stem in common, each analysed in its own
language, stop words left out), or when both begin alike, as names and loanwords do in several languages. Texts that are
written without spaces count by the runs of characters that they share with the query.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import regex

from searchapp.datatypes import LanguageSpan
from searchapp.text.scripts import CLAUSES, UNSPACED
from searchapp.text.terms import numbers, vocabulary

PREFIX = 4
"""Letters that two words must share at their beginning to count as forms of one word; two in Korean."""

SHARED = 0.7
"""And the share of the longer one that these letters must make up; Korean particles may be as long as the word."""

GRAPHEME = regex.compile(r"\X")

_TOKEN = regex.compile(rf"(?V1)(?P<run>[[{UNSPACED}]&&\w]+)|[\w--[{UNSPACED}]]+")
_HANGUL = regex.compile(r"\p{Hangul}")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_SYLLABIC = regex.compile(
    r"[\p{Hangul}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}"
    r"\p{Malayalam}\p{Sinhala}\p{Ethiopic}]"
)
_HIRAGANA = regex.compile(r"\p{Hiragana}+")
_TELLING = (
    (2, regex.compile(r"\p{Han}")),
    (3, regex.compile(r"[\p{Katakana}ー]{3}")),
    (4, regex.compile(r"\p{Hiragana}{4}")),
    (5, regex.compile(f"[{CLAUSES}]{{5}}")),
)
"""Lengths of runs that count, and what is in them: two kana are an ending more often than a word."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of a text that stands in the query too; `what` is equal where it is the same word of the query."""

    start: int
    end: int
    what: str


def find_matches(text: str, query: str | Sequence[LanguageSpan], language: str = "und") -> list[Match]:
    """Find what a text shares with a query; in order, apart from each other, no grapheme cut.

    Args:
        text: Such as a hit's.
        query: A result's `spans`; or a string, which is taken to be in the text's language.
        language: The text's, a BCP 47 primary subtag or `und`.
    """
    spans = (LanguageSpan(query, 0, len(query), language, 1.0, "Zyyy"),) if isinstance(query, str) else tuple(query)
    asked = _asked(spans)
    tokens = list(_TOKEN.finditer(text))
    rows = [None if token["run"] else asked.row(token.group(), language) for token in tokens]
    for place, token in enumerate(tokens):
        if rows[place] is None and (weak := asked.weak.get(token.group().casefold())):
            before, after = rows[place - 1] if place else None, rows[place + 1] if place + 1 < len(rows) else None
            beside = (-1 if before is None else before + 1, -1 if after is None else after - 1)
            rows[place] = next((row for row in beside if row in weak), None)
    found = [(*token.span(), asked.words[row]) for token, row in zip(tokens, rows, strict=True) if row is not None]
    if asked.runs:
        shared = (
            span for token in tokens if token["run"] for span in _shared_runs(token.group(), token.start(), asked)
        )
        found += [(start, end, "") for start, end in _joined(shared)]
    return _whole_graphemes(text, sorted(found))


def grapheme_edges(text: str) -> list[int]:
    """Offsets at which the text may be cut without parting a letter from its marks, 0 and the length included."""
    if text.isascii() and "\r" not in text:
        return list(range(len(text) + 1))
    return [*(match.start() for match in GRAPHEME.finditer(text)), len(text)]


def is_unspaced(character: str) -> bool:
    """Tell whether a character belongs to a script that is written without spaces."""
    found = _TOKEN.match(character)
    return bool(found and found["run"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query made ready.

    Attributes:
        words: Its words, folded.
        terms: Term -> place of the first word that has it.
        beginnings: The first letters -> places of the words that begin so.
        weak: Stop words and short words -> their places; they count beside another match, as in the query.
        runs: Runs of characters of its parts without spaces.
        exact: The weak words, where the query has no other.
    """

    words: list[str] = field(default_factory=list)
    terms: dict[int, int] = field(default_factory=dict)
    beginnings: dict[str, list[int]] = field(default_factory=dict)
    weak: dict[str, set[int]] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    exact: dict[str, int] = field(default_factory=dict)

    def row(self, word: str, language: str) -> int | None:
        """The place of the query's word that a word of a text is a form of."""
        folded = word.casefold()
        if folded in self.exact:
            return self.exact[folded]
        terms = _terms(word, language)
        if not terms:
            return None
        row = next((self.terms[term] for term in terms if term in self.terms), None)
        if row is not None:
            return row
        alike = self.beginnings.get(_beginning(folded), ())
        return next((row for row in alike if _same_word(folded, self.words[row])), None)


@lru_cache(maxsize=64)
def _asked(spans: tuple[LanguageSpan, ...]) -> _Asked:
    asked = _Asked()
    for span in spans:
        for token in _TOKEN.finditer(span.text):
            word = token.group()
            row = len(asked.words)
            asked.words.append(word.casefold())
            if token["run"]:
                asked.runs.update(_runs_of(word))
                continue
            terms = _terms(word, span.language)
            if not terms or _is_short(word):
                asked.weak.setdefault(word.casefold(), set()).add(row)
                continue
            for term in terms:
                asked.terms.setdefault(term, row)
            if beginning := _beginning(word.casefold()):
                asked.beginnings.setdefault(beginning, []).append(row)
    if not asked.terms and not asked.runs:
        asked.exact.update({word: min(rows) for word, rows in asked.weak.items()})
    return asked


def _terms(word: str, language: str) -> tuple[int, ...]:
    """The word, its stem and its number; the analyser gives an Arabic article apart, before them."""
    words, stems, _ = vocabulary(language)[word.lower()]
    return (*words[-1:], *stems[-1:], *numbers(word))


def _is_short(word: str) -> bool:
    """Whether a word is too short to tell something: under three letters, two where a letter is a syllable."""
    if word.isupper() or word.isdecimal():
        return False
    return len(_LETTER.findall(word)) < (2 if _SYLLABIC.match(word) else 3)


def _beginning(word: str) -> str:
    """The letters that forms of the word begin with; empty for a word that is too short."""
    letters = 2 if _HANGUL.match(word) else PREFIX
    return word[:letters] if len(word) >= letters else ""


def _same_word(one: str, other: str) -> bool:
    """Whether two words that begin alike are forms of one."""
    if _HANGUL.match(one):
        return True
    pairs = enumerate(zip(one, other, strict=False))
    shared = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    return shared >= SHARED * max(len(one), len(other))


def _runs_of(word: str) -> set[str]:
    found = {
        word[place : place + size]
        for size, needed in _TELLING
        for place in range(len(word) - size + 1)
        if needed.search(word[place : place + size])
    }
    return found | {word} if len(word) < 5 and not _HIRAGANA.fullmatch(word) else found


def _shared_runs(run: str, start: int, asked: _Asked) -> list[tuple[int, int]]:
    sizes = sorted({len(known) for known in asked.runs})
    return [
        (start + place, start + place + size)
        for size in sizes
        for place in range(len(run) - size + 1)
        if run[place : place + size] in asked.runs
    ]


def _whole_graphemes(text: str, found: Sequence[tuple[int, int, str]]) -> list[Match]:
    """Leave out the graphemes at both ends of a stretch that it cuts; a run of characters names itself."""
    edges = grapheme_edges(text) if found else []
    whole = (
        (edges[bisect_left(edges, start)], edges[bisect_right(edges, end) - 1], what) for start, end, what in found
    )
    return [Match(start, end, what or text[start:end]) for start, end, what in whole if start < end]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
