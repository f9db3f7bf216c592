"""Find the words that a text shares with a query.

A word matches if the lexical leg would match it (a common term or stem, each side analysed in its own language, without
stop words) or if both words begin alike, as names and loanwords do in several languages. Text written without spaces
matches by the character runs that it shares with the query.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from searchapp.datatypes import LanguageSpan
from searchapp.text.folding import JOINERS, fold
from searchapp.text.han import LENGTHENING, REPEATING, fold_run
from searchapp.text.patterns import unicode_pattern
from searchapp.text.scripts import CLAUSES, UNSPACED
from searchapp.text.terms import number_terms, sound_terms, vocabulary

PREFIX = 4
"""Letters that two words must share at the start to count as forms of one word; two in Korean."""

SHARED = 0.7
"""Minimum share of the longer word that these letters must cover; Korean particles may be as long as the word."""

GRAPHEME = unicode_pattern(r"\X")
_ONE_UNSPACED = unicode_pattern(rf"(?V1)[[{UNSPACED}]&&\w]")

_LETTERS = rf"[[\w\p{{N}}]--[{UNSPACED}_]]+"
_TOKEN = unicode_pattern(
    rf"(?V1)(?P<digits>[[{UNSPACED}]&&\d]+)|(?P<run>[[{UNSPACED}]&&[\w\p{{M}}]]+)"
    rf"|{_LETTERS}(?:[{re.escape(JOINERS)}]{{1,2}}{_LETTERS})*|(?P<symbol>[\p{{So}}\p{{Sc}}])"
)
_INNER = unicode_pattern(rf"(?V1){_LETTERS}")
_HANGUL = unicode_pattern(r"\p{Hangul}")
_LETTER = unicode_pattern(r"[\p{L}\p{N}]")
_SYLLABIC = unicode_pattern(
    r"[\p{Hangul}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}"
    r"\p{Malayalam}\p{Sinhala}\p{Ethiopic}]"
)
_HIRAGANA = unicode_pattern(r"\p{Hiragana}+")
_TELLING = (
    (2, unicode_pattern(r"\p{Han}")),
    (3, unicode_pattern(r"[\p{Katakana}ーｰ]{3}")),
    (4, unicode_pattern(r"\p{Hiragana}{4}")),
    (5, unicode_pattern(f"[{CLAUSES}]{{5}}")),
)
"""Minimum lengths of matching runs by content. Two kana are more often an ending than a word."""


@dataclass(frozen=True, slots=True)
class Match:
    """A part of a text that also occurs in the query. Matches of the same query word have the same `what`."""

    start: int
    end: int
    what: str


def find_matches(text: str, query: str | Sequence[LanguageSpan], language: str = "und") -> list[Match]:
    """Find the parts that a text shares with a query, in order, disjoint, on grapheme boundaries.

    Args:
        text: Any text, such as that of a hit.
        query: A result's `spans`, or a string, which is taken to be in the text's language.
        language: The text's BCP 47 primary subtag, or `und`.
    """
    spans = (LanguageSpan(query, 0, len(query), language, 1.0, "Zyyy"),) if isinstance(query, str) else tuple(query)
    asked = _asked(spans)
    tokens = [inner for token in _TOKEN.finditer(text) for inner in _inner_tokens(token, text, language, asked)]
    rows = [None if token.is_run else asked.row(token.text, language) for token in tokens]
    for place, token in enumerate(tokens):
        if rows[place] is None and (weak := asked.weak.get(fold(token.text))):
            before, after = rows[place - 1] if place else None, rows[place + 1] if place + 1 < len(rows) else None
            beside = (-1 if before is None else before + 1, -1 if after is None else after - 1)
            rows[place] = next((row for row in beside if row in weak), None)
    found = [
        (token.start, token.start + len(token.text), asked.words[row])
        for token, row in zip(tokens, rows, strict=True)
        if row is not None
    ]
    if asked.runs:
        shared = (span for token in tokens if token.is_run for span in _shared_runs(token, asked))
        found += [(start, end, "") for start, end in _joined(shared)]
    return _whole_graphemes(text, sorted(found))


def grapheme_edges(text: str) -> list[int]:
    """Return the offsets of all grapheme boundaries, including 0 and the text's length.

    Args:
        text: Text in any script.

    Returns:
        Ascending offsets.
    """
    if text.isascii() and "\r" not in text:
        return list(range(len(text) + 1))
    return [*(match.start() for match in GRAPHEME.finditer(text)), len(text)]


def is_unspaced(character: str) -> bool:
    """Return whether a character belongs to a script that is written without spaces.

    Args:
        character: One character.
    """
    return _ONE_UNSPACED.match(character) is not None


@dataclass(frozen=True, slots=True)
class _Asked:
    """An analysed query.

    Attributes:
        words: Folded words of the query.
        terms: Term -> index of the first word that has it.
        beginnings: First letters -> indices of the words that begin with them.
        weak: Stop words and short words -> their indices. They count only next to another match, as in the query.
        runs: Character runs of the parts without spaces.
        exact: The weak words, if the query has no others.
    """

    words: list[str] = field(default_factory=list)
    terms: dict[int, int] = field(default_factory=dict)
    beginnings: dict[str, list[int]] = field(default_factory=dict)
    weak: dict[str, set[int]] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    exact: dict[str, int] = field(default_factory=dict)

    def row(self, word: str, language: str) -> int | None:
        """Return the index of the query word of which a text word is a form; None if there is none."""
        folded = fold(word)
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
            asked.words.append(fold(word))
            if token["run"]:
                asked.runs.update(_runs_of(_folded_run(word)))
                continue
            terms = _terms(word, span.language)
            if not terms or _is_short(word):
                asked.weak.setdefault(fold(word), set()).add(row)
                continue
            for term in (*terms, *sound_terms(word)):
                asked.terms.setdefault(term, row)
            if beginning := _beginning(fold(word)):
                asked.beginnings.setdefault(beginning, []).append(row)
    if not asked.terms and not asked.runs:
        asked.exact.update({word: min(rows) for word, rows in asked.weak.items()})
    return asked


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of a text, or a run of characters written without spaces."""

    text: str
    start: int
    is_run: bool = False


def _inner_tokens(token: re.Match[str], text: str, language: str, asked: _Asked) -> list[_Token]:
    """Split a joined word into parts, or keep it whole if only the whole matches the query."""
    word = token.group()
    if token["run"]:
        return [_Token(word, token.start(), is_run=True)]
    inner = [_Token(part.group(), token.start() + part.start()) for part in _INNER.finditer(word)]
    if len(inner) < 2:
        return [_Token(word, token.start())]
    if any(asked.row(part.text, language) is not None for part in inner):
        return inner
    return [_Token(word, token.start())] if asked.row(word, language) is not None else inner


def _terms(word: str, language: str) -> tuple[int, ...]:
    """Return the terms by which the lexical leg finds a word; empty for a stop word."""
    found = vocabulary(language)[word]
    own = () if found.is_stop and found.words else (*found.words, *found.stems, *found.unsure)
    return (*own, *number_terms(word))


def _is_short(word: str) -> bool:
    """Return whether a word is too short to be informative: under three letters, or two where letters are syllables."""
    if word.isupper() or word.isdecimal():
        return False
    return len(_LETTER.findall(word)) < (2 if _SYLLABIC.match(word) else 3)


def _beginning(word: str) -> str:
    """Return the first letters that all forms of the word share; empty if the word is too short."""
    letters = 2 if _HANGUL.match(word) else PREFIX
    return word[:letters] if len(word) >= letters else ""


def _same_word(one: str, other: str) -> bool:
    """Return whether two words that begin alike are forms of one word."""
    if _HANGUL.match(one):
        return True
    pairs = enumerate(zip(one, other, strict=False))
    shared = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    return shared >= SHARED * max(len(one), len(other))


@dataclass(frozen=True, slots=True)
class _Run:
    """A folded run of characters.

    Attributes:
        folded: The folded characters.
        plain: A string of the same length that gives the script of each character.
        spans: Offsets in the run of the grapheme that each character comes from.
    """

    folded: str
    plain: str
    spans: tuple[tuple[int, int], ...]


@lru_cache(maxsize=256)
def _folded_run(run: str) -> _Run:
    folded: list[str] = []
    plain: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in GRAPHEME.finditer(run):
        text = fold_run(fold(match.group()))
        if text in REPEATING and folded:
            text = folded[-1]
        elif text in LENGTHENING:
            text = ""
        for character in text:
            folded.append(character)
            plain.append(match.group()[0])
            spans.append(match.span())
    return _Run("".join(folded), "".join(plain), tuple(spans))


def _runs_of(run: _Run) -> set[str]:
    """Return the parts of a query's run that are informative enough to match."""
    found = {
        run.folded[place : place + size]
        for size, needed in _TELLING
        for place in range(len(run.folded) - size + 1)
        if needed.search(run.plain[place : place + size])
    }
    return found | {run.folded} if 0 < len(run.folded) < 5 and not _HIRAGANA.fullmatch(run.plain) else found


def _shared_runs(token: _Token, asked: _Asked) -> list[tuple[int, int]]:
    run = _folded_run(token.text)
    sizes = sorted({len(known) for known in asked.runs})
    return [
        (token.start + run.spans[place][0], token.start + run.spans[place + size - 1][1])
        for size in sizes
        for place in range(len(run.folded) - size + 1)
        if run.folded[place : place + size] in asked.runs
    ]


def _whole_graphemes(text: str, found: Sequence[tuple[int, int, str]]) -> list[Match]:
    """Drop incomplete graphemes at both ends of each match. A character run is its own `what`."""
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
