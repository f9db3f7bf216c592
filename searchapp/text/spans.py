"""The languages of a mixed query, span by span.

Words are first grouped by script. Inside one script a Viterbi path over the words picks a language for each: windows
of one to three words vote through the detector, and every change of language costs `SWITCH`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from searchapp.datatypes import UNKNOWN_LANGUAGE, LanguageSpan
from searchapp.text.detection import MINIMUM, Detector
from searchapp.text.expecting import Expecting, with_alternatives
from searchapp.text.scripts import LANGUAGES_OF, NO_SCRIPT, script_of, script_of_character

SWITCH = 4.0
"""Cost of a change of language in nats; see docs/experiments.md for how it was chosen."""

FLOOR = 0.02
"""Probability of a language that a window's vote does not name."""

WEIGHTS = (1.0, 1.0, 1.0)
"""Say of windows of one, two and three words."""

LONGEST_WINDOW = len(WEIGHTS)

LOAN = 0.7
"""Probability at which a word on the border of two languages is given to a third."""

CHUNK = 4
"""Words per chunk of the quick look: a query whose chunks all agree with the whole is in one language."""

AGREEMENT = 0.6
"""Probability at which a chunk agrees."""

MOST_WORDS = 64
"""Longer texts are documents, not queries: they are given one language."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    script: str


def detect_spans(text: str, detector: Detector, shares: Mapping[str, float] | None = None) -> tuple[LanguageSpan, ...]:
    """Cut a query into stretches of one language; they follow each other and cover the whole text.

    Args:
        text: Normalised.
        detector: Votes on windows of words.
        shares: Language -> passages of it in the collection that is searched. They are the prior of a short query's
            language, and a short stretch names others of them as its `alternatives`. None or empty: all are as likely.
    """
    if shares:
        own = Expecting(detector, shares)
        return tuple(with_alternatives(span, own) for span in detect_spans(text, own))
    words = _words(text)
    if not words or len(words) > MOST_WORDS:
        found = detector.detect(text)
        return (LanguageSpan(text, 0, len(text), found.language, found.confidence, found.script),)
    languages: list[str] = []
    for group in _groups(words):
        languages += _languages(text, group, detector)
    edges = [row for row in range(1, len(words)) if languages[row] != languages[row - 1]]
    starts = [0, *(words[row].start for row in edges)]
    rows = [0, *edges]
    return tuple(
        _span(text, start, end, languages[row], detector)
        for start, end, row in zip(starts, [*starts[1:], len(text)], rows, strict=True)
    )


def _words(text: str) -> list[_Word]:
    """Words with the script of each; a word in two scripts (`iPhoneの`) is cut where the script changes."""
    words: list[_Word] = []
    for match in _WORD.finditer(text):
        start = match.start()
        pieces = [start]
        last = NO_SCRIPT
        for offset, character in enumerate(match.group(), start=start):
            script = script_of_character(character)
            if script == NO_SCRIPT:
                continue
            if last != NO_SCRIPT and _family(script) != _family(last):
                pieces.append(offset)
            last = script
        for first, end in zip(pieces, [*pieces[1:], match.end()], strict=True):
            words.append(_Word(first, end, script_of(text[first:end])))
    return words


def _family(script: str) -> str:
    """Han and kana belong together: Japanese mixes them inside a word."""
    return "Jpan" if script in ("Hani", "Hira", "Kana", "Jpan") else script


def _groups(words: Sequence[_Word]) -> list[list[_Word]]:
    """Neighbouring words of one script family; words without letters join the group before them."""
    groups: list[list[_Word]] = []
    family = NO_SCRIPT
    for word in words:
        own = _family(word.script)
        if groups and (own in (family, NO_SCRIPT) or family == NO_SCRIPT):
            groups[-1].append(word)
        else:
            groups.append([word])
        family = own if own != NO_SCRIPT else family
    return groups


def _languages(text: str, group: Sequence[_Word], detector: Detector) -> list[str]:
    whole = detector.detect(text[group[0].start : group[-1].end])
    decided = whole.script in LANGUAGES_OF or whole.script in ("Jpan", NO_SCRIPT)
    if len(group) < LONGEST_WINDOW or decided:
        return [whole.language] * len(group)
    if _agreed(text, group, whole.language, detector):
        return [whole.language] * len(group)
    votes = _votes(text, group, detector)
    states = sorted({code for vote in votes for code, share in vote.items() if share >= MINIMUM} | {whole.language})
    states = [state for state in states if state != UNKNOWN_LANGUAGE] or [UNKNOWN_LANGUAGE]
    return _loans(text, group, _viterbi(votes, states), detector)


def _agreed(text: str, group: Sequence[_Word], language: str, detector: Detector) -> bool:
    """Whether every chunk of the group is in the language of the whole."""
    for first in range(0, len(group), CHUNK):
        last = min(first + CHUNK, len(group)) - 1
        first = max(0, last - CHUNK + 1)
        ranked = detector.rank(text[group[first].start : group[last].end], 1)
        if not ranked or ranked[0][0] != language or ranked[0][1] < AGREEMENT:
            return False
    return True


def _votes(text: str, group: Sequence[_Word], detector: Detector) -> list[dict[str, float]]:
    """For each word, the mean of the detector's probabilities over the windows that hold it."""
    sums: list[dict[str, float]] = [{} for _ in group]
    windows = [0.0] * len(group)
    for length in range(1, LONGEST_WINDOW + 1):
        for first in range(len(group) - length + 1):
            last = first + length - 1
            ranked = detector.rank(text[group[first].start : group[last].end].lower(), 4)
            for row in range(first, last + 1):
                windows[row] += WEIGHTS[length - 1]
                for code, share in ranked:
                    sums[row][code] = sums[row].get(code, 0.0) + share * WEIGHTS[length - 1]
    return [{code: share / count for code, share in vote.items()} for vote, count in zip(sums, windows, strict=True)]


def _viterbi(votes: Sequence[dict[str, float]], states: Sequence[str]) -> list[str]:
    cost = {state: -log(max(votes[0].get(state, 0.0), FLOOR)) for state in states}
    back: list[dict[str, str]] = []
    for vote in votes[1:]:
        cheapest = min(states, key=lambda state: (cost[state], state))
        step, origin = {}, {}
        for state in states:
            stay, move = cost[state], cost[cheapest] + SWITCH
            origin[state] = state if stay <= move else cheapest
            step[state] = min(stay, move) - log(max(vote.get(state, 0.0), FLOOR))
        cost = step
        back.append(origin)
    path = [min(states, key=lambda state: (cost[state], state))]
    for origin in reversed(back):
        path.append(origin[path[-1]])
    return path[::-1]


def _loans(text: str, group: Sequence[_Word], path: list[str], detector: Detector) -> list[str]:
    """Give a word between two languages to a third one when it clearly is in neither.

    Windows cannot see it: every one of them also holds a neighbour. A query in one language is left alone.
    """
    found = list(path)
    for row in range(1, len(path)):
        if path[row] == path[row - 1]:
            continue
        for edge in (row - 1, row):
            ranked = dict(detector.rank(text[group[edge].start : group[edge].end].lower(), 4))
            code, share = max(ranked.items(), key=lambda pair: pair[1], default=(UNKNOWN_LANGUAGE, 0.0))
            if share >= LOAN and all(ranked.get(near, 0.0) < FLOOR for near in (path[row - 1], path[row])):
                found[edge] = code
    return found


def _span(text: str, start: int, end: int, language: str, detector: Detector) -> LanguageSpan:
    piece = text[start:end]
    found = detector.detect(piece)
    confidence = found.confidence if found.language == language else dict(detector.rank(piece, 5)).get(language, 0.0)
    return LanguageSpan(piece, start, end, language, confidence, found.script)
