"""Split a query in several languages into spans of one language.

Words are grouped by script first. Within a script, a Viterbi path over the words picks a language for each: windows of one
to three words vote through the detector, and every change of language costs `SWITCH`.
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
"""Cost of a change of language, in nats. `docs/experiments.md` tells how it was chosen."""

FLOOR = 0.02
"""Probability of a language that a window's vote does not contain."""

WEIGHTS = (1.0, 1.0, 1.0)
"""Weights of the votes of windows of one, two and three words."""

LONGEST_WINDOW = len(WEIGHTS)

LOAN = 0.7
"""Probability from which a word between two languages is assigned to a third."""

CHUNK = 4
"""Words per chunk in the quick check: if all chunks of a query agree with the whole, the query is in one language."""

AGREEMENT = 0.6
"""Probability from which a chunk agrees."""

MOST_WORDS = 64
"""Maximum length of a query in words. Longer texts are treated as documents and get one language."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    script: str


def detect_spans(text: str, detector: Detector, shares: Mapping[str, float] | None = None) -> tuple[LanguageSpan, ...]:
    """Split a query into consecutive spans of one language that cover the whole text.

    Args:
        text: A normalised query.
        detector: Votes on windows of words.
        shares: Language -> number of passages in the searched collection. They are the prior for the language of a short
            query, and a short span lists other languages of the collection as `alternatives`. None or empty: all
            languages are equally likely.
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
    """Split a text into words with their scripts. A word in two scripts (`iPhoneの`) is split where the script changes."""
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
    """Return the family of a script. Han and kana belong together, because Japanese mixes them inside a word."""
    return "Jpan" if script in ("Hani", "Hira", "Kana", "Jpan") else script


def _groups(words: Sequence[_Word]) -> list[list[_Word]]:
    """Group neighbouring words of one script family; words without letters join the preceding group."""
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
    """Return whether every chunk of the group is in the language of the whole."""
    for first in range(0, len(group), CHUNK):
        last = min(first + CHUNK, len(group)) - 1
        first = max(0, last - CHUNK + 1)
        ranked = detector.rank(text[group[first].start : group[last].end], 1)
        if not ranked or ranked[0][0] != language or ranked[0][1] < AGREEMENT:
            return False
    return True


def _votes(text: str, group: Sequence[_Word], detector: Detector) -> list[dict[str, float]]:
    """Average, for each word, the detector's probabilities over the windows that contain it."""
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
    """Assign a word between two languages to a third if it clearly belongs to neither.

    Windows cannot detect this, because each of them also contains a neighbour. Queries in one language are left alone.
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
