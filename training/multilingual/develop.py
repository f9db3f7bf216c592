"""Compute held-out figures for making choices, never on an evaluation set that is reported.

*Neighbours*: a sentence searches for the sentences before and after it in all languages; its own translations are ignored.
*Words*: some words of a sentence, shuffled, search for the sentence in all languages. *Questions*: a question searches for
the sentence with its answer among those of its language, and among those of all; also code-switched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.multilingual.corpus import Corpus
from training.multilingual.model import PASSAGE, QUERY, TextEmbedder, TokenPool
from training.static.data import IntArray

ASKED = 150
"""Maximum questions per language."""
OTHERS = 300
"""Maximum passages per language in the pool, in addition to the held-out ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Held-out questions of one language.

    Attributes:
        rows: (n,) questions.
        pool: (m,) candidate sentences, ascending.
    """

    rows: IntArray
    pool: IntArray


class Developer:
    """Measures an encoder on held-out data.

    Args:
        corpus: All training text, with what is held out.
        pool: Tokens of the corpus.
        seed: Seed for choosing questions.
    """

    def __init__(self, corpus: Corpus, pool: TokenPool, *, seed: int = 0) -> None:
        self._corpus, self._pool = corpus, pool
        self._groups = corpus.translations.groups[corpus.held_rows[:, 0]]
        self._asked = _asked(corpus, np.random.default_rng(seed))

    def measure(self, model: TextEmbedder) -> dict[str, float]:
        """Measure a model on translations, words and questions, and return the figures by name.

        Args:
            model: Model to measure.
        """
        rows = self._corpus.held_rows
        passages = model.encode(self._pool.texts("translations", rows.ravel(), PASSAGE))
        queries = model.encode(self._pool.texts("translations", rows.ravel(), QUERY))
        words = model.encode(self._pool.texts("words", np.arange(rows.size), QUERY))
        return self._neighbours(queries, passages) | self._words(words, passages) | self._questions(model)

    def _neighbours(self, queries: Tensor, passages: Tensor) -> dict[str, float]:
        languages = self._corpus.held_rows.shape[1]
        precisions, preferred = [], []
        for number, group in enumerate(self._groups.tolist()):
            gold = np.flatnonzero(np.abs(self._groups - group) == 1)
            if not len(gold):
                continue
            scores = queries[number * languages : (number + 1) * languages] @ passages.T
            scores[:, number * languages : (number + 1) * languages] = -2
            columns = (gold[:, None] * languages + np.arange(languages)).ravel()
            precisions.append(_precision(scores, torch.from_numpy(columns).to(scores.device)))
            best = scores.topk(len(columns), dim=1).indices % languages
            own = torch.arange(languages, device=scores.device)[:, None]
            preferred.append((best == own).float().mean())
        return {
            "neighbours": float(torch.stack(precisions).mean()),
            "neighbours_own_language": float(torch.stack(preferred).mean()),
        }

    def _words(self, queries: Tensor, passages: Tensor) -> dict[str, float]:
        groups, languages = self._corpus.held_rows.shape
        precisions, distances, own, cross = [], [], [], []
        for number in range(groups):
            scores = queries[number * languages : (number + 1) * languages] @ passages.T
            columns = torch.arange(number * languages, (number + 1) * languages, device=scores.device)
            gold = scores[:, columns]
            ranks = 1 + (scores[:, None, :] > gold[:, :, None]).sum(2).float()
            precisions.append(_precision(scores, columns))
            distances.append((ranks.max(1).values - ranks.min(1).values).mean())
            table = scores.reshape(languages, groups, languages)
            rank = 1 / (1 + (table > gold[:, None, :]).sum(1).float())
            own.append(rank.diagonal().mean())
            cross.append((rank.sum() - rank.trace()) / (languages * (languages - 1)))
        figures = {"words_mul": precisions, "words_mo": own, "words_cr": cross, "words_distance": distances}
        return {name: float(torch.stack(values).mean()) for name, values in figures.items()}

    def _questions(self, model: TextEmbedder) -> dict[str, float]:
        pools = {
            name: model.encode(self._pool.texts("sentences", asked.pool, PASSAGE))
            for name, asked in self._asked.items()
        }
        whole = torch.cat(list(pools.values()))
        figures: dict[str, list[float]] = {"questions_own": [], "questions_all": [], "switched_own": []}
        for name, asked in self._asked.items():
            place = np.searchsorted(asked.pool, self._corpus.questions.gold[asked.rows])
            gold = pools[name][torch.from_numpy(place).to(whole.device)]
            for key, collection in (("questions", "questions"), ("switched", "switched")):
                queries = model.encode(self._pool.texts(collection, asked.rows, QUERY))
                found = (queries * gold).sum(1, keepdim=True) + 1e-5
                figures[f"{key}_own"].append(_reciprocal(queries @ pools[name].T, found))
                if key == "questions":
                    figures["questions_all"].append(_reciprocal(queries @ whole.T, found))
        return {name: float(np.mean(values)) for name, values in figures.items()}


def _asked(corpus: Corpus, rng: np.random.Generator) -> dict[str, Asked]:
    questions = corpus.questions
    passage = questions.passage[questions.gold]
    found = {}
    for language in np.unique(questions.languages):
        spoken = questions.languages == language
        rows = rng.permutation(np.flatnonzero(spoken & corpus.held_passages[passage]))[:ASKED]
        held = np.unique(passage[spoken & corpus.held_passages[passage]])
        others = rng.permutation(np.unique(passage[spoken & ~corpus.held_passages[passage]]))[:OTHERS]
        pool = np.flatnonzero(np.isin(questions.passage, np.concatenate([held, others])))
        found[str(language)] = Asked(rows=rows, pool=pool)
    return found


def _precision(scores: Tensor, gold: Tensor) -> Tensor:
    """Compute the average precision of queries that share their gold columns."""
    ordered = scores[:, gold].sort(dim=1, descending=True).values
    ranks = 1 + (scores[:, None, :] > ordered[:, :, None]).sum(2).float()
    return (torch.arange(1, len(gold) + 1, device=scores.device) / ranks).mean()


def _reciprocal(scores: Tensor, gold: Tensor) -> float:
    return float((1 / (1 + (scores > gold).sum(1).float())).mean())
