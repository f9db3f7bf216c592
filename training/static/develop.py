"""Compute held-out figures for making choices, never on an evaluation set that is reported.

Two tasks resemble the target. *Documents*: a few words of a held-out sentence search for it, with its paragraph, in a pool
of 34 languages with one gold in each. *Questions*: held-out questions search for their sentence, with its passage, among
those of their language (held-out passages and many training passages), and among those of all languages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from searchapp.statistics.vectors import unit
from training.datasets.translations import Translations
from training.static.data import IntArray, Questions, Tokens
from training.static.documents import SENTENCES, Paragraphs

HELD_PARAGRAPHS = 40
KEPT_WORDS = 0.4
"""Share of a sentence's words in its query."""
ASKED = 250
"""Maximum questions per language."""
OTHERS = 2500
"""Maximum passages per language in the pool, in addition to the held-out ones."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Held:
    """The held-out data.

    Attributes:
        paragraphs: Numbers of the paragraphs.
        queries: Words of each of their sentences, in the order of `Paragraphs.rows[paragraphs]`.
        questions: Questions of held-out passages.
        asked: Evaluated questions by language.
        pools: Candidate sentences by language.
    """

    paragraphs: IntArray
    queries: tuple[str, ...]
    questions: IntArray
    asked: dict[str, IntArray]
    pools: dict[str, IntArray]


def hold_out(translations: Translations, rows: IntArray, questions: Questions, *, seed: int) -> Held:
    """Hold out paragraphs, and 5 % of the passages with their questions.

    Args:
        translations: Parallel texts.
        rows: Rows of their paragraphs, (paragraphs, sentences, languages), as in `Paragraphs.rows`.
        questions: All questions.
        seed: Seed that draws them.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(rows), size=min(HELD_PARAGRAPHS, len(rows) // 5), replace=False))
    held = rng.random(len(questions.contexts)) < 0.05
    passage = questions.passage[questions.gold]
    language = np.full(len(questions.contexts), "", dtype=questions.languages.dtype)
    language[passage] = questions.languages
    asked, pools = {}, {}
    for name in sorted(set(questions.languages[held[passage]].tolist())):
        own = np.flatnonzero(held[passage] & (questions.languages == name))
        asked[name] = own = rng.permutation(own)[:ASKED]
        others = rng.permutation(np.flatnonzero((language == name) & ~held))[:OTHERS]
        pools[name] = np.flatnonzero(np.isin(questions.passage, np.concatenate([passage[own], others])))
    return Held(
        paragraphs=chosen,
        queries=tuple(some_words(translations.texts[row], rng) for row in rows[chosen].ravel()),
        questions=np.flatnonzero(held[passage]),
        asked=asked,
        pools=pools,
    )


def some_words(text: str, rng: np.random.Generator) -> str:
    """Return some of a text's words, shuffled; runs of three characters if there are hardly any spaces.

    Args:
        text: Text to draw from.
        rng: Draws and shuffles the words.
    """
    words = text.split()
    if len(words) < len(text) / 12:
        words = [text[at : at + 3] for at in range(0, len(text), 3)]
    count = max(3, round(KEPT_WORDS * len(words)))
    return " ".join(words[at] for at in rng.permutation(len(words))[:count])


class Developer:
    """Measures token vectors on the held-out data."""

    def __init__(
        self,
        *,
        held: Held,
        query_tokens: Tokens,
        paragraphs: Paragraphs,
        translation_tokens: Tokens,
        questions: Questions,
        question_tokens: Tokens,
        sentence_tokens: Tokens,
        context_tokens: Tokens,
    ) -> None:
        self._held, self._paragraphs, self._questions = held, paragraphs, questions
        self._query_tokens, self._translation_tokens = query_tokens, translation_tokens
        self._question_tokens, self._sentence_tokens = question_tokens, sentence_tokens
        self._context_tokens = context_tokens

    def measure(self, vectors: Floats, *, weight: float) -> dict[str, float]:
        """Measure folded token vectors and return all figures by name.

        Args:
            vectors: (vocabulary, dimension) token vectors, their weights multiplied in.
            weight: Weight of the context's vector, relative to the passage's 1.
        """
        return self.documents(vectors, weight=weight) | self.asked(vectors, weight=weight)

    def documents(self, vectors: Floats, *, weight: float) -> dict[str, float]:
        """Compute multilingual mAP, monolingual and cross-lingual reciprocal rank, and rank distance.

        Args:
            vectors: (vocabulary, dimension) token vectors, their weights multiplied in.
            weight: Weight of the context's vector, relative to the passage's 1.
        """
        rows = self._paragraphs.rows[self._held.paragraphs]
        texts, languages = len(rows) * SENTENCES, rows.shape[2]
        order = rows.transpose(0, 2, 1)
        spoken = np.broadcast_to(np.arange(languages), (len(rows), languages))
        places = self._paragraphs.context_rows(self._held.paragraphs[:, None], spoken)
        around = embed(vectors, self._paragraphs.contexts, places.ravel())
        pool = embed(vectors, self._translation_tokens, order.ravel()) + weight * np.repeat(around, SENTENCES, axis=0)
        pool = unit(pool).reshape(len(rows), languages, SENTENCES, -1).transpose(0, 2, 1, 3)
        pool = pool.reshape(texts * languages, -1)
        queries = embed(vectors, self._query_tokens, np.arange(texts * languages))
        precisions, distances, own, cross = [], [], [], []
        for start in range(0, len(queries), languages):
            scores = queries[start : start + languages] @ pool.T
            gold = scores[:, start : start + languages]
            ordered = -np.sort(-scores, axis=1)
            ranks = np.sort([np.searchsorted(-line, -found) + 1 for line, found in zip(ordered, gold, strict=True)])
            precisions.append((np.arange(1, languages + 1) / ranks).mean())
            distances.append((ranks[:, -1] - ranks[:, 0]).mean())
            table = scores.reshape(languages, texts, languages)
            rank = 1 / (1 + (table > gold[:, None, :]).sum(axis=1))
            own.append(rank.diagonal().mean())
            cross.append((rank.sum() - rank.trace()) / (languages * (languages - 1)))
        return {
            "documents_mul": float(np.mean(precisions)),
            "documents_mo": float(np.mean(own)),
            "documents_cr": float(np.mean(cross)),
            "documents_distance": float(np.mean(distances)),
        }

    def asked(self, vectors: Floats, *, weight: float) -> dict[str, float]:
        """Compute the mean reciprocal rank in the pool of one language and of all, and the former by language.

        Args:
            vectors: (vocabulary, dimension) token vectors, their weights multiplied in.
            weight: Weight of the context's vector, relative to the passage's 1.
        """
        data, held = self._questions, self._held
        pools = {}
        for name, rows in held.pools.items():
            passages, place = np.unique(data.passage[rows], return_inverse=True)
            around = embed(vectors, self._context_tokens, passages)[place]
            pools[name] = unit(embed(vectors, self._sentence_tokens, rows) + weight * around)
        whole = np.concatenate(list(pools.values()))
        alone, among = {}, []
        for name, rows in held.asked.items():
            queries = embed(vectors, self._question_tokens, rows)
            found = pools[name][np.searchsorted(held.pools[name], data.gold[rows])]
            gold = (queries * found).sum(axis=1)[:, None] + 1e-6
            alone[name] = float((1 / (1 + (queries @ pools[name].T > gold).sum(axis=1))).mean())
            among.append(float((1 / (1 + (queries @ whole.T > gold).sum(axis=1))).mean()))
        return {
            "questions_mo": float(np.mean(list(alone.values()))),
            "questions_mul": float(np.mean(among)),
            **{f"questions_mo/{name}": value for name, value in alone.items()},
        }


def embed(vectors: Floats, tokens: Tokens, rows: IntArray) -> Floats:
    """Compute unit vectors of texts, (len(rows), dimension), as `searchapp.encoders.static` does.

    Args:
        vectors: (vocabulary, dimension) token vectors, their weights multiplied in.
        tokens: Token ids of all texts.
        rows: (n,) numbers of the texts to embed.
    """
    ids, firsts = tokens.bag(rows)
    distinct, column = np.unique(ids, return_inverse=True)
    bounds = np.append(firsts, len(ids))
    counts = csr_matrix((np.ones(len(ids), dtype=np.float32), column, bounds), shape=(len(rows), len(distinct)))
    return unit(counts @ vectors[distinct])
