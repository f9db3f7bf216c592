"""Rank a whole pool exactly in blocks of queries, without a complete score matrix."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray, Progress, Tell
from searchapp.errors import EncoderError
from searchapp.evaluation.indexing import IntArray, TaskIndex

RankArray: TypeAlias = NDArray[np.float64]
"""Ranks from 1; infinity if not retrieved."""

BLOCK_SCORES = 4_000_000
"""Scores per block (16 MB in float32): large enough for the matrix product, small compared with the embeddings."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A system's ranking for every query of a task.

    Attributes:
        top: (queries, depth) columns, best first; -1 if nothing was retrieved or the hit is not in the pool.
        top_scores: (queries, depth) their scores; minus infinity if there is no hit.
        top_languages: (queries, depth) language index of each hit; -1 if there is no hit.
        gold_ranks: (golds,) rank in the pool of all languages.
        gold_ranks_in_language: (golds,) rank among the passages of the gold's own language.
        complete: Whether every passage was ranked; otherwise ranks end at `depth`.
    """

    top: IntArray
    top_scores: FloatArray
    top_languages: IntArray
    gold_ranks: RankArray
    gold_ranks_in_language: RankArray
    complete: bool = True

    @property
    def depth(self) -> int:
        """Number of hits per query."""
        return int(self.top.shape[1])


def rank_pool(
    index: TaskIndex, queries: FloatArray, passages: FloatArray, *, depth: int = 100, progress: Tell | None = None
) -> Ranking:
    """Score every query against every passage by dot product and rank exactly.

    A gold's rank is one plus the number of passages with a greater score; equal scores are ranked by pid. The counts
    are kept per language, so that one pass gives the rank in the whole pool and in the gold's own language.

    Args:
        index: The task, indexed for evaluation.
        queries: (queries, dimension) in the task's order.
        passages: (passages, dimension) in the task's order.
        depth: Hits to keep per query.
        progress: Called with the progress in this thread, or None.

    Raises:
        EncoderError: The shapes do not match, or an embedding is not finite.
    """
    _check(queries, len(index.task.queries), kind="queries")
    _check(passages, len(index.task.passages), kind="passages")
    if queries.shape[1] != passages.shape[1]:
        raise EncoderError(f"queries have {queries.shape[1]} dimensions, passages {passages.shape[1]}")
    pool = np.ascontiguousarray(passages[index.columns])
    block = _Block(index=index, queries=queries, pool=pool, depth=min(depth, len(pool)))
    size = max(1, BLOCK_SCORES // max(1, len(pool)))
    starts = range(0, len(queries), size)
    done = 0
    # NumPy releases the GIL in products and comparisons.
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as workers:
        for start in workers.map(lambda start: block.score(start, min(start + size, len(queries))), starts):
            done = max(done, min(start + size, len(queries)))
            if progress is not None:
                progress(Progress.of("ranking", done, len(queries), unit="queries"))
    return Ranking(
        top=block.top,
        top_scores=block.top_scores,
        top_languages=index.passage_language[block.top],
        gold_ranks=block.ranks,
        gold_ranks_in_language=block.ranks_in_language,
    )


class _Block:
    """Scores blocks of queries into shared arrays; each block writes to its own rows."""

    def __init__(self, *, index: TaskIndex, queries: FloatArray, pool: FloatArray, depth: int) -> None:
        self.index = index
        self.queries = queries
        self.pool = pool
        self.depth = depth
        self.top = np.empty((len(queries), depth), dtype=np.int64)
        self.top_scores = np.empty((len(queries), depth), dtype=np.float32)
        self.ranks = np.empty(len(index.golds), dtype=np.float64)
        self.ranks_in_language = np.empty(len(index.golds), dtype=np.float64)

    def score(self, start: int, end: int) -> int:
        """Rank queries `start` to `end`; return `start`."""
        scores = self.queries[start:end] @ self.pool.T
        for row, columns in self.index.excluded.items():
            if start <= row < end:
                scores[row - start, columns] = -np.inf
        self._rank_golds(scores, start, end)
        self._keep_top(scores, start, end)
        return start

    def _rank_golds(self, scores: FloatArray, start: int, end: int) -> None:
        golds = self.index.golds
        first, last = np.searchsorted(golds.query, (start, end))
        rows, columns = golds.query[first:last] - start, golds.column[first:last]
        # The n-th gold of every query at once: queries have few golds, and each round is one pass over the block.
        place = np.arange(last - first) - np.searchsorted(rows, rows)
        for number in range(int(place.max(initial=-1)) + 1):
            chosen = np.flatnonzero(place == number)
            self._rank_round(scores, rows[chosen], columns[chosen], where=first + chosen)

    def _rank_round(self, scores: FloatArray, rows: IntArray, columns: IntArray, *, where: IntArray) -> None:
        thresholds = scores[rows, columns][:, None]
        block = scores if len(rows) == len(scores) else scores[rows]
        own = self.index.golds.language[where]
        total = _count(block > thresholds)
        in_language = np.empty(len(rows), dtype=np.int64)
        for language in np.unique(own):
            mine = own == language
            left, right = self.index.bounds[language : language + 2]
            part = block[:, left:right] if mine.all() else block[mine, left:right]
            in_language[mine] = _count(part > thresholds[mine])
        for tied in np.flatnonzero(_count(block >= thresholds) - total > 1):  # the gold equals itself
            same = np.flatnonzero(block[tied] == thresholds[tied])
            before = same[self.index.tie_order[same] < self.index.tie_order[columns[tied]]]
            total[tied] += len(before)
            in_language[tied] += np.count_nonzero(self.index.passage_language[before] == own[tied])
        self.ranks[where] = total + 1
        self.ranks_in_language[where] = in_language + 1

    def _keep_top(self, scores: FloatArray, start: int, end: int) -> None:
        count, depth = scores.shape[1], self.depth
        if depth < count:
            chosen = np.argpartition(scores, count - depth, axis=1)[:, count - depth :]
        else:
            chosen = np.broadcast_to(np.arange(count), scores.shape).copy()
        kept = np.take_along_axis(scores, chosen, axis=1)
        lowest = kept.min(axis=1, initial=np.inf)
        # If the last place is tied, the partition chose arbitrarily among equals.
        for row in np.flatnonzero(np.count_nonzero(scores >= lowest[:, None], axis=1) > depth):
            wanted = np.flatnonzero(scores[row] >= lowest[row])
            order = np.lexsort((self.index.tie_order[wanted], -scores[row, wanted]))[:depth]
            chosen[row], kept[row] = wanted[order], scores[row, wanted[order]]
        order = np.lexsort((self.index.tie_order[chosen], -kept), axis=1)
        self.top[start:end] = np.take_along_axis(chosen, order, axis=1)
        self.top_scores[start:end] = np.take_along_axis(kept, order, axis=1)


def _count(marks: NDArray[np.bool_]) -> IntArray:
    # Twice as fast as count_nonzero along an axis.
    counts: IntArray = np.add.reduce(marks.view(np.uint8), axis=1, dtype=np.uint32).astype(np.int64)
    return counts


def _check(embeddings: FloatArray, count: int, *, kind: str) -> None:
    if embeddings.ndim != 2 or len(embeddings) != count:
        raise EncoderError(f"{kind}: embeddings of shape {embeddings.shape}, expected ({count}, dimension)")
    if not np.isfinite(embeddings).all():
        bad = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise EncoderError(f"{kind}: embedding number {bad} contains NaN or infinity; check the encoder's weights")
