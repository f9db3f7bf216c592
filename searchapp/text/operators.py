"""Operators of a query: `-word`, `"exact phrase"` and `title:word`.

What stands in quotation marks must stand in the text or the title word for word, `title:` wants a word or a phrase in the
title, and a hyphen before a word leaves out the passages that have it. All of them are checked on the passages that the
search finds, in the spelling and the forms that the lexical leg takes for the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from searchapp.text.folding import fold
from searchapp.text.han import fold_run
from searchapp.text.scripts import UNSPACED
from searchapp.text.terms import split_unspaced, vocabulary

_OPERATOR = regex.compile(
    r"""(?<!\S)(?:(?P<minus>-)(?=["“„«\p{L}\p{N}])|(?P<title>title:)(?=\S))?
    (?:["“„«](?P<phrase>[^"“”„«»]*)["”“»]|(?P<word>\S+))""",
    regex.VERBOSE | regex.IGNORECASE,
)
_UNSPACED = regex.compile(f"[{UNSPACED}]")
_WORD = regex.compile(rf"(?V1)[{UNSPACED}]+|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+")


@dataclass(frozen=True, slots=True)
class Operators:
    """A query with its operators taken out.

    Attributes:
        text: What is searched: the words, those of phrases and titles included, those left out not.
        phrases: Must stand in the title or the text word for word.
        in_title: Must stand in the title, a word in any of its forms.
        without: Must stand in neither.
    """

    text: str
    phrases: tuple[str, ...] = ()
    in_title: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.in_title or self.without)

    def allow(self, *, title: str, text: str, language: str) -> bool:
        """Tell whether a passage has what is asked for and nothing that is left out.

        Args:
            title: The passage's.
            text: The passage's.
            language: The passage's, a BCP 47 primary subtag or `und`.
        """
        both = f"{title}\n{text}"
        return (
            all(has_phrase(title, phrase) or has_phrase(text, phrase) for phrase in self.phrases)
            and all(has_words(title, wanted, language) for wanted in self.in_title)
            and not any(has_words(both, unwanted, language) for unwanted in self.without)
        )


def read_operators(query: str) -> Operators:
    """Read the operators of a query; one that asks for nothing else is taken as it is written.

    Args:
        query: Normalised.
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
    return Operators(text, tuple(phrases), tuple(in_title), tuple(without))


def has_phrase(text: str, phrase: str) -> bool:
    """Tell whether a text has a phrase's words one after the other, whatever their case, accents and spelling.

    Args:
        text: Of a passage.
        phrase: Of a query.
    """
    return f" {_folded(phrase)} " in f" {_folded(text)} "


def _folded(text: str) -> str:
    words = (fold_run(fold(match.group())) for match in _WORD.finditer(text))
    return " ".join(" ".join(word) if _UNSPACED.match(word) else word for word in words)


def has_words(text: str, words: str, language: str) -> bool:
    """Tell whether a text has a word in any of its forms, or a phrase of several word for word.

    Args:
        text: Of a passage.
        words: Of a query.
        language: The passage's.
    """
    if len(words.split()) > 1 or _UNSPACED.search(words):
        return has_phrase(text, words)
    known = vocabulary(language)
    wanted = {*known[words].words, *known[words].stems}
    return any(
        wanted & {*known[piece].words, *known[piece].stems} for piece in split_unspaced(text, known).rest.split()
    )
