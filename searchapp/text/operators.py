"""Parse the operators of a query: `-word`, `"exact phrase"` and `title:word`.

A phrase in quotation marks must occur word for word in the text or the title. `title:` requires a word or a phrase in the
title. A hyphen before a word excludes the passages that contain it. The operators filter the passages that the search
finds; words match in the same spellings and forms as in the lexical leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.text.folding import fold
from searchapp.text.han import fold_run
from searchapp.text.patterns import unicode_pattern
from searchapp.text.scripts import UNSPACED
from searchapp.text.terms import split_unspaced, vocabulary

_OPERATOR = unicode_pattern(
    r"""(?xi)(?<!\S)(?:(?P<minus>-)(?=["“„«\p{L}\p{N}])|(?P<title>title:)(?=\S))?
    (?:["“„«](?P<phrase>[^"“”„«»]*)["”“»]|(?P<word>\S+))""",
)
_UNSPACED = unicode_pattern(f"[{UNSPACED}]")
_WORD = unicode_pattern(rf"(?V1)[{UNSPACED}]+|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+")


@dataclass(frozen=True, slots=True)
class Operators:
    """A query without its operators, and the operators.

    Attributes:
        text: The text to search: all words, including those of phrases and titles, except excluded ones.
        phrases: Phrases that must occur word for word in the title or the text.
        in_title: Words, in any form, or phrases that must occur in the title.
        without: Words or phrases that must occur in neither.
    """

    text: str
    phrases: tuple[str, ...] = ()
    in_title: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.in_title or self.without)

    def allow(self, *, title: str, text: str, language: str) -> bool:
        """Return whether a passage meets all operators.

        Args:
            title: The passage's title.
            text: The passage's text.
            language: The passage's BCP 47 primary subtag, or `und`.
        """
        head, body = _Reading(title, language), _Reading(text, language)
        return (
            all(head.has_phrase(phrase) or body.has_phrase(phrase) for phrase in self.phrases)
            and all(head.has_words(wanted) for wanted in self.in_title)
            and not any(head.has_words(unwanted) or body.has_words(unwanted) for unwanted in self.without)
        )


def read_operators(query: str) -> Operators:
    """Parse the operators of a query. A query with nothing but exclusions is taken literally.

    Args:
        query: A normalised query.
    """
    kept: list[str] = []
    phrases: list[str] = []
    in_title: list[str] = []
    without: list[str] = []
    for match in _OPERATOR.finditer(query):
        said = (match["phrase"] if match["word"] is None else match["word"]).strip()
        if not _WORD.search(said):
            kept.append(match.group())
        elif match["minus"]:
            without.append(said)
        else:
            kept.append(said)
            if match["title"]:
                in_title.append(said)
            elif match["word"] is None:
                phrases.append(said)
    if not _WORD.search(" ".join(kept)):
        return Operators(query)
    text = " ".join(kept) if phrases or in_title or without else query
    return Operators(text, *(tuple(dict.fromkeys(found)) for found in (phrases, in_title, without)))


def has_phrase(text: str, phrase: str) -> bool:
    """Return whether a text contains a phrase word for word, ignoring case, accents and spelling variants.

    Args:
        text: A passage's text or title.
        phrase: A phrase of the query.
    """
    return _Reading(text, UNKNOWN_LANGUAGE).has_phrase(phrase)


class _Reading:
    """A text that many words and phrases are looked for in: it is folded and analysed once, when that is needed."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._language = language

    @cached_property
    def _padded(self) -> str:
        return _padded(self._text)

    @cached_property
    def _forms(self) -> set[int]:
        known = vocabulary(self._language)
        pieces = split_unspaced(self._text, known).rest.split()
        return {form for piece in pieces for form in (*known[piece].words, *known[piece].stems)}

    def has_phrase(self, phrase: str) -> bool:
        """Return whether the words of a phrase stand here one after the other."""
        return _padded_phrase(phrase) in self._padded

    def has_words(self, words: str) -> bool:
        """Return whether a word stands here in any of its forms, or a phrase of several word for word."""
        if len(words.split()) > 1 or _UNSPACED.search(words):
            return self.has_phrase(words)
        wanted = vocabulary(self._language)[words]
        return not self._forms.isdisjoint((*wanted.words, *wanted.stems))


def _padded(text: str) -> str:
    words = (fold_run(fold(match.group())) for match in _WORD.finditer(text))
    return f" {' '.join(' '.join(word) if _UNSPACED.match(word) else word for word in words)} "


_padded_phrase = lru_cache(maxsize=4096)(_padded)
"""Of phrases: one query asks for the same ones in thousands of passages."""
