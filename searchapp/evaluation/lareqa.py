"""The LAReQA figures of an encoder: mAP in the Mo, Cr and Mul settings and the language bias beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.evaluation.scorer import GoldRanks, Ranks, gold_ranks
from searchapp.evaluation.tasks import ParallelTask


@dataclass(frozen=True, slots=True)
class LareqaResult:
    """Figures by query language; arrays follow the task's order of languages.

    Attributes:
        monolingual: (languages,) mAP against the candidates in the query's own language (Mo).
        matrix: (languages, languages) mAP of query language × candidate language; its diagonal is Mo, the rest Cr.
        multilingual: (languages,) mAP against the pool of all languages, one gold per language (Mul).
        multilingual_20: (languages,) the same cut at 20, divisor min(golds, 20) (the XTREME-R variant).
        rank_distance: (languages,) mean of max − min rank over the golds of a query; smallest possible: languages − 1.
        preference: (languages,) share of queries whose top-ranked gold is in the query's language (LPR).
    """

    languages: tuple[str, ...]
    matrix: NDArray[np.float64]
    multilingual: NDArray[np.float64]
    multilingual_20: NDArray[np.float64]
    rank_distance: NDArray[np.float64]
    preference: NDArray[np.float64]

    @property
    def monolingual(self) -> NDArray[np.float64]:
        """(languages,) Mo."""
        return np.diagonal(self.matrix)

    @property
    def cross_lingual(self) -> NDArray[np.float64]:
        """(languages,) Cr: mean over the other languages."""
        count = len(self.languages)
        others: NDArray[np.float64] = (self.matrix.sum(axis=1) - self.monolingual) / (count - 1)
        return others

    @property
    def summary(self) -> dict[str, float]:
        """The means over query languages."""
        return {
            "monolingual_map": float(self.monolingual.mean()),
            "cross_lingual_map": float(self.cross_lingual.mean()),
            "multilingual_map": float(self.multilingual.mean()),
            "multilingual_map_20": float(self.multilingual_20.mean()),
            "rank_distance": float(self.rank_distance.mean()),
            "same_language_preference": float(self.preference.mean()),
        }


def evaluate_encoder(
    task: ParallelTask, encoder: Encoder, *, progress: Callable[[str, int, int], None] | None = None
) -> LareqaResult:
    """Encode the pool and the queries and compute the figures.

    Args:
        progress: Called with what is being done, how much of it is done, and of how much.
    """
    tell = progress or (lambda what, done, total: None)
    passages = encode_pool(task, encoder, tell=tell)
    ranks = []
    for row, queries in enumerate(task.queries):
        tell("ranking", row, len(task.languages))
        ranks.append(
            gold_ranks(
                encoder.encode_queries(queries),
                passages,
                gold=task.gold,
                passage_languages=task.passage_languages,
                languages=len(task.languages),
            )
        )
    tell("ranking", len(task.languages), len(task.languages))
    return measure(task.languages, ranks)


def encode_pool(task: ParallelTask, encoder: Encoder, *, tell: Callable[[str, int, int], None]) -> FloatArray:
    """Embed the candidates, each with its context: (candidates, dimension)."""
    blocks = []
    for first in range(0, len(task.passages), 1024):
        tell("encoding", first, len(task.passages))
        block = slice(first, first + 1024)
        blocks.append(encoder.encode_passages(task.passages[block], contexts=task.contexts[block]))
    return np.concatenate(blocks)


def measure(languages: tuple[str, ...], ranks: list[GoldRanks]) -> LareqaResult:
    """Compute all figures from the golds' ranks, one GoldRanks per query language."""
    count = len(languages)
    return LareqaResult(
        languages=languages,
        matrix=np.array([(1.0 / found.own).mean(axis=0) for found in ranks]),
        multilingual=np.array([average_precision(found.pool).mean() for found in ranks]),
        multilingual_20=np.array([average_precision(found.pool, cut=20).mean() for found in ranks]),
        rank_distance=np.array([(found.pool.max(axis=1) - found.pool.min(axis=1)).mean() for found in ranks]),
        preference=np.array([(found.pool.argmin(axis=1) == row).mean() for row, found in enumerate(ranks)])
        if count
        else np.zeros(0),
    )


def average_precision(ranks: Ranks, *, cut: int | None = None) -> NDArray[np.float64]:
    """Average precision of each query from the ranks of all its golds: (questions, golds) to (questions,).

    Args:
        cut: Only golds at this rank or better count; the divisor is then min(golds, cut).
    """
    ordered = np.sort(ranks, axis=1)
    precision = np.arange(1, ordered.shape[1] + 1) / ordered
    if cut is None:
        return np.asarray(precision.mean(axis=1))
    return np.asarray((precision * (ordered <= cut)).sum(axis=1) / min(ordered.shape[1], cut))
