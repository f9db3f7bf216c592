"""Draw batches of three kinds: translations, questions of one language, questions of all languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.mixing import apportion
from training.multilingual.corpus import Corpus
from training.multilingual.model import PASSAGE, QUERY, Texts, TokenPool
from training.multilingual.recipe import Recipe
from training.static.batches import PairSampler
from training.static.data import IntArray

TRANSLATIONS, MONO, MIXED = "translations", "mono", "mixed"
LEAST_PART = 3
"""Minimum tokens of a cut query."""


@dataclass(frozen=True, slots=True)
class TranslationBatch:
    """Two texts of each group, in different languages.

    Attributes:
        queries: (n,) texts.
        passages: (n,) texts.
        groups: (n,) index of the group in the teacher's table.
        whole: (n,) whether the query is a whole text, so that the teacher's embedding of the group applies to it.
    """

    queries: Texts
    passages: Texts
    groups: IntArray
    whole: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class QuestionBatch:
    """Questions with their passages.

    Attributes:
        queries: (n,) texts.
        passages: (n,) texts.
        negatives: (n,) hard negatives.
        sound: (n,) whether the negative is valid: another sentence of the passage of a question that searches for a sentence.
        one_language: Whether all texts have the same language, so that the teacher's similarities are reliable.
    """

    queries: Texts
    passages: Texts
    negatives: Texts
    sound: NDArray[np.bool_]
    one_language: bool


class Batches:
    """Draws batches.

    Args:
        corpus: All training text as token ids.
        pool: Tokens of the corpus, in which the batches are spans.
    """

    def __init__(self, corpus: Corpus, pool: TokenPool, recipe: Recipe) -> None:
        self._corpus, self._pool, self._recipe = corpus, pool, recipe
        self._translations = PairSampler.over(
            corpus.translations, balance=recipe.balance, shares=recipe.shares, keep=~corpus.held
        )
        self._lexicon = PairSampler.over(corpus.lexicon, balance=recipe.balance)
        questions = corpus.questions
        free = ~corpus.held_passages[questions.passage[questions.gold]]
        self._by_language = [
            np.flatnonzero(free & (questions.languages == language)) for language in np.unique(questions.languages)
        ]
        chances = np.array([len(rows) for rows in self._by_language], dtype=np.float64) ** recipe.balance
        self._chances = chances / chances.sum()

    def schedule(self, rng: np.random.Generator) -> list[str]:
        """Return the kinds of all batches of a run, each with exactly its share.

        Args:
            rng: Shuffles the kinds.
        """
        recipe = self._recipe
        shares = np.array([1 - recipe.alpha - recipe.mixed, recipe.alpha, recipe.mixed])
        kinds = np.repeat(np.arange(3), apportion(recipe.steps, shares))
        rng.shuffle(kinds)
        return [(TRANSLATIONS, MONO, MIXED)[kind] for kind in kinds.tolist()]

    def draw(self, kind: str, rng: np.random.Generator) -> TranslationBatch | QuestionBatch:
        """Draw one batch.

        Args:
            kind: `TRANSLATIONS`, `MONO` (questions of one language) or `MIXED` (of all languages).
            rng: Draws the rows.
        """
        return self._pairs(rng) if kind == TRANSLATIONS else self._questions(rng, one_language=kind == MONO)

    def _pairs(self, rng: np.random.Generator) -> TranslationBatch:
        recipe = self._recipe
        lemmas = round(recipe.rows * recipe.lexicon)
        parts = []
        first_lemma = int(self._corpus.translations.groups[-1]) + 1
        for name, sampler, data, count, base in (
            ("translations", self._translations, self._corpus.translations, recipe.rows - lemmas, 0),
            ("lexicon", self._lexicon, self._corpus.lexicon, lemmas, first_lemma),
        ):
            if count:
                first, second = sampler.draw(rng, count)
                queries, passages = self._pool.texts(name, first, QUERY), self._pool.texts(name, second, PASSAGE)
                parts.append((queries, passages, data.groups[first] + base))
        queries = Texts.join([part[0] for part in parts])
        whole = (rng.random(len(queries)) >= recipe.parts) | (queries.lengths < 2 * LEAST_PART)
        return TranslationBatch(
            queries=cut(queries, ~whole, rng),
            passages=Texts.join([part[1] for part in parts]),
            groups=np.concatenate([part[2] for part in parts]),
            whole=whole,
        )

    def _questions(self, rng: np.random.Generator, *, one_language: bool) -> QuestionBatch:
        recipe, questions = self._recipe, self._corpus.questions
        if one_language:
            members = self._by_language[int(rng.choice(len(self._by_language), p=self._chances))]
            rows = rng.choice(members, size=min(recipe.questions, len(members)), replace=False)
        else:
            counts = apportion(recipe.questions, np.full(len(self._by_language), 1 / len(self._by_language)))
            drawn = zip(self._by_language, counts.tolist(), strict=True)
            rows = np.concatenate([rng.choice(rows, size=min(n, len(rows)), replace=False) for rows, n in drawn])
        gold = questions.gold[rows]
        _, once = np.unique(questions.passage[gold], return_index=True)
        rows, gold = rows[once], gold[once]
        passage = questions.passage[gold]
        low, high = questions.spans[passage], questions.spans[passage + 1]
        other = low + (gold - low + 1 + (rng.random(len(gold)) * (high - low - 1)).astype(np.int64)) % (high - low)
        whole = rng.random(len(rows)) < recipe.passages
        switched = rng.random(len(rows)) < recipe.switched
        asked = self._pool.texts("questions", rows, QUERY)
        foreign = self._pool.texts("switched", rows, QUERY)
        return QuestionBatch(
            queries=Texts(
                np.where(switched, foreign.starts, asked.starts),
                np.where(switched, foreign.lengths, asked.lengths),
                asked.roles,
            ),
            passages=self._pool.spans(
                "sentences", np.where(whole, low, gold), np.where(whole, high, gold + 1), PASSAGE
            ),
            negatives=self._pool.texts("sentences", other, PASSAGE),
            sound=~whole & (other != gold),
            one_language=one_language,
        )


def cut(texts: Texts, chosen: NDArray[np.bool_], rng: np.random.Generator) -> Texts:
    """Cut the chosen texts to a run of 30 to 60 % of their tokens.

    Args:
        texts: Texts to cut.
        chosen: (texts,) whether a text is cut; the others are kept whole.
        rng: Draws the length and the place of each run.
    """
    kept = np.maximum(LEAST_PART, (texts.lengths * rng.uniform(0.3, 0.6, len(texts))).astype(np.int64))
    kept = np.where(chosen, np.minimum(kept, texts.lengths), texts.lengths)
    starts = texts.starts + (rng.random(len(texts)) * (texts.lengths - kept + 1)).astype(np.int64)
    return Texts(starts, kept, texts.roles)
