"""Held-out figures that choices are made on: never an evaluation set that is reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from training.builtin.data import IntArray, Questions, Tokens, Translations
from training.builtin.model import StaticModel

WIDEST = (20, 34)
"""Rows of the groups that are held out: about one per language."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held out: translation rows (whole groups) and questions (whole passages)."""

    rows: IntArray
    questions: IntArray


def hold_out(translations: Translations, questions: Questions, *, seed: int) -> Held:
    """Hold out 100 groups of 20 rows or more, and 5 % of the passages with their questions."""
    rng = np.random.default_rng(seed)
    sizes = np.bincount(translations.groups)
    wide = np.flatnonzero((sizes >= WIDEST[0]) & (sizes <= WIDEST[1]))
    groups = rng.choice(wide, size=min(100, len(wide) // 4 + 1), replace=False)
    passages = rng.random(len(questions.contexts)) < 0.05
    return Held(
        rows=np.flatnonzero(np.isin(translations.groups, groups)),
        questions=np.flatnonzero(passages[questions.passage[questions.gold]]),
    )


def average_precision(scores: NDArray[np.float32], gold: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Average precision per row of (queries, candidates) scores."""
    order = np.argsort(-scores, axis=1, kind="stable")
    hits = np.take_along_axis(gold, order, axis=1)
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    summed: NDArray[np.float64] = (precision * hits).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)
    return summed


def translation_map(model: StaticModel, tokens: Tokens, translations: Translations, held: Held) -> float:
    """Mean average precision of finding a sentence's translations in the pool of all languages, itself left out."""
    vectors = _numpy(model, tokens, held.rows)
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -2.0)
    groups = translations.groups[held.rows]
    gold = groups[:, None] == groups[None, :]
    np.fill_diagonal(gold, False)
    return float(average_precision(scores, gold).mean())


def question_map(
    model: StaticModel,
    asked: Tokens,
    sentences: Tokens,
    contexts: Tokens,
    data: Questions,
    held: Held,
    *,
    weight: float,
) -> dict[str, float]:
    """Mean average precision of finding the answering sentence among the held-out passages' sentences, by language.

    Args:
        weight: Of the context's vector beside the sentence's.
    """
    figures = {}
    for language in sorted(set(data.languages[held.questions].tolist())):
        rows = held.questions[data.languages[held.questions] == language]
        passages = np.unique(data.passage[data.gold[rows]])
        pool = np.flatnonzero(np.isin(data.passage, passages))
        candidates = _numpy(model, sentences, pool) + weight * _numpy(model, contexts, data.passage[pool])
        candidates /= np.linalg.norm(candidates, axis=1, keepdims=True) + 1e-9
        scores = _numpy(model, asked, rows) @ candidates.T
        figures[language] = float(average_precision(scores, data.gold[rows][:, None] == pool[None, :]).mean())
    return figures


def _numpy(model: StaticModel, tokens: Tokens, rows: IntArray) -> NDArray[np.float32]:
    with torch.no_grad():
        vectors: NDArray[np.float32] = model.encode(tokens, rows).numpy()
    return vectors
