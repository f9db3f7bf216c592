"""Arrange parallel text as paragraphs, for held-out figures in the form of LAReQA (arXiv 2004.05484).

FLORES-200 and NTREX-128 keep the order of their articles, so that neighbouring groups form a paragraph that exists in every
language: each language has one answer together with its context.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.datasets.translations import Translations
from training.static.data import IntArray, Tokens

SOURCES = ("flores200", "ntrex128")
"""Professional translations of running text into all languages."""
SENTENCES = 4
"""Sentences per paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Paragraphs in every language.

    Attributes:
        rows: (paragraphs, SENTENCES, languages) rows of the translations.
        contexts: Tokens of whole paragraphs; paragraph p in language l is text `p * languages + l`.
    """

    rows: IntArray
    contexts: Tokens

    def context_rows(self, paragraphs: IntArray, languages: IntArray) -> IntArray:
        """Return the texts of `contexts` for paragraphs and languages.

        Args:
            paragraphs: Numbers of paragraphs, of any shape that broadcasts with `languages`.
            languages: Places of languages, in the order of `rows`.
        """
        rows: IntArray = paragraphs * self.rows.shape[2] + languages
        return rows


def paragraph_rows(data: Translations) -> IntArray:
    """Cut the sources into paragraphs of neighbouring groups in all languages; see `Paragraphs.rows`.

    Args:
        data: Translations, of which only groups with all languages are used.
    """
    names, codes = np.unique(data.languages, return_inverse=True)
    parts = []
    for source in SOURCES:
        members = np.flatnonzero(data.sources == source)
        groups, place = np.unique(data.groups[members], return_inverse=True)
        table = np.full((len(groups), len(names)), -1, dtype=np.int64)
        table[place, codes[members]] = members
        table = table[(table >= 0).all(axis=1)]
        whole = len(table) // SENTENCES
        parts.append(table[: whole * SENTENCES].reshape(whole, SENTENCES, len(names)))
    return np.concatenate(parts)


def paragraphs_of(rows: IntArray, tokens: Tokens) -> Paragraphs:
    """Join the tokens of sentences to contexts.

    Args:
        rows: (paragraphs, SENTENCES, languages) rows of the translations.
        tokens: Token ids of the translations.
    """
    order = rows.transpose(0, 2, 1)
    ids, firsts = tokens.bag(order.ravel())
    bounds = np.append(firsts[::SENTENCES], len(ids))
    return Paragraphs(rows=rows, contexts=Tokens(ids=ids.astype(np.int32), offsets=bounds))
