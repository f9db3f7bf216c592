"""Parallel text as paragraphs: a few words of a sentence look for it, with its paragraph, in several languages at once.

FLORES-200 and NTREX-128 keep the order of their articles, so that neighbouring groups make a paragraph that exists in
every language. This is the LAReQA task (arXiv 2004.05484) on training text: one text answers in each language, every
answer must beat all other sentences of all languages drawn, the query's own among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.builtin.data import IntArray, Tokens, Translations

SOURCES = ("flores200", "ntrex128")
"""Professional translations of running text into all languages."""
SENTENCES = 4
"""Sentences of a paragraph."""


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
        """Texts of `contexts` for paragraphs and languages of equal shape."""
        return paragraphs * self.rows.shape[2] + languages


def paragraph_rows(data: Translations) -> IntArray:
    """Cut the sources into paragraphs of neighbouring groups that have every language: see `Paragraphs.rows`."""
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
    """Join the sentences' tokens to contexts."""
    order = rows.transpose(0, 2, 1)
    ids, firsts = tokens.bag(order.ravel())
    bounds = np.append(firsts[::SENTENCES], len(ids))
    return Paragraphs(rows=rows, contexts=Tokens(ids=ids.astype(np.int32), offsets=bounds))


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Queries and candidates of a few languages.

    Attributes:
        queries: Translation rows, (sentences * versions,).
        candidates: Translation rows, (sentences * languages,), the languages of a sentence side by side.
        contexts: Texts of `Paragraphs.contexts`, one per paragraph and language.
        context_of: The place in `contexts` of each candidate's.
        sentence: Which sentence each query is cut from.
        languages: How many there are.
    """

    queries: IntArray
    candidates: IntArray
    contexts: IntArray
    context_of: IntArray
    sentence: IntArray
    languages: int


def draw_documents(
    data: Paragraphs, keep: IntArray, rng: np.random.Generator, *, paragraphs: int, languages: int, versions: int
) -> DocumentBatch:
    """Draw paragraphs among `keep` and languages, and `versions` queries for each sentence, in drawn languages."""
    chosen = rng.choice(keep, size=min(paragraphs, len(keep)), replace=False)
    spoken = rng.choice(data.rows.shape[2], size=min(languages, data.rows.shape[2]), replace=False)
    rows = data.rows[chosen][:, :, spoken]
    count = len(chosen) * SENTENCES
    flat = rows.reshape(count, len(spoken))
    sentence = np.tile(np.arange(count), versions)
    asked = rng.integers(len(spoken), size=len(sentence))
    contexts = data.context_rows(chosen[:, None], spoken[None, :])
    places = np.arange(contexts.size).reshape(contexts.shape)
    return DocumentBatch(
        queries=flat[sentence, asked],
        candidates=flat.ravel(),
        contexts=contexts.ravel(),
        context_of=np.repeat(places, SENTENCES, axis=0).ravel(),
        sentence=sentence,
        languages=len(spoken),
    )
