"""Held-out figures that choices are made on: never an evaluation set that is reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from training.builtin.data import IntArray, Questions, Tokens, Translations
from training.builtin.model import StaticModel

HELD_SOURCES = ("flores200", "ntrex128")
"""Professional translations into all languages."""
GROUPS = 60
"""Groups held out of each."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held out: translation rows (whole groups) with half of each text, and questions (whole passages)."""

    rows: IntArray
    halves: tuple[str, ...]
    questions: IntArray


def hold_out(translations: Translations, questions: Questions, *, seed: int) -> Held:
    """Hold out groups of the widest sources, and 5 % of the passages with their questions."""
    rng = np.random.default_rng(seed)
    chosen = []
    for source in HELD_SOURCES:
        groups = np.unique(translations.groups[translations.sources == source])
        chosen.append(rng.choice(groups, size=min(GROUPS, len(groups) // 4), replace=False))
    passages = rng.random(len(questions.contexts)) < 0.05
    rows = np.flatnonzero(np.isin(translations.groups, np.concatenate(chosen)))
    return Held(
        rows=rows,
        halves=tuple(half(translations.texts[row]) for row in rows),
        questions=np.flatnonzero(passages[questions.passage[questions.gold]]),
    )


def half(text: str) -> str:
    """The second half of a text, by words where it has spaces: what a question shares with its answer."""
    words = text.split()
    return " ".join(words[len(words) // 2 :]) if len(words) > 5 else text[len(text) // 2 :]


def average_precision(scores: NDArray[np.float32], gold: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Average precision per row of (queries, candidates) scores."""
    order = np.argsort(-scores, axis=1, kind="stable")
    hits = np.take_along_axis(gold, order, axis=1)
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    summed: NDArray[np.float64] = (precision * hits).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)
    return summed


def half_map(
    model: StaticModel, halves: Tokens, tokens: Tokens, translations: Translations, held: Held
) -> tuple[float, float]:
    """Half of a sentence looks for the whole one in every language.

    Returns:
        Mean average precision in the pool of all languages, and the mean reciprocal rank in the pool of one language,
        over all pairs of two languages: multilingual and cross-lingual retrieval.
    """
    pool = _numpy(model, tokens, held.rows)
    groups, languages = translations.groups[held.rows], translations.languages[held.rows]
    asked = np.flatnonzero(np.isin(groups, np.unique(groups)[::3]))
    scores = _numpy(model, halves, asked) @ pool.T
    gold = groups[asked][:, None] == groups[None, :]
    crossed = []
    for language in np.unique(languages):
        inside, others = languages == language, languages[asked] != language
        crossed.append(average_precision(scores[others][:, inside], gold[others][:, inside]).mean())
    return float(average_precision(scores, gold).mean()), float(np.mean(crossed))


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
        (vectors,) = model.encode((tokens, rows))
    array: NDArray[np.float32] = vectors.numpy()
    return array
