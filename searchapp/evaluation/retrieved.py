"""Convert retrieved lists (of a collection or a TREC run) to the ranking format of the exact scorer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from searchapp.datatypes import FloatArray, Hit, Passage, Run
from searchapp.errors import InputError
from searchapp.evaluation.indexing import IntArray, TaskIndex
from searchapp.evaluation.language_bias.consistency import ScoreOf
from searchapp.evaluation.scorer import Ranking

Retrieved: TypeAlias = Sequence[tuple[int, float, int]]
"""Hits of one query, best first: column (-1 outside the pool), score, language index (-1 unknown)."""


@dataclass(frozen=True, slots=True)
class HitMatcher:
    """Identifies the passage of a task that a hit corresponds to.

    In a collection built from the task's own files, the point id is derived from the passage's document and index. In one
    built from the same corpus, passage ids are document ids. Otherwise text and language identify the hit, if unique.
    """

    by_point: dict[str, int]
    by_id: dict[str, int]
    by_text: dict[tuple[str, str], int]
    languages: dict[str, int]

    @classmethod
    def of(cls, index: TaskIndex) -> HitMatcher:
        """Create the matcher of a task.

        Args:
            index: The task, indexed for evaluation.
        """
        by_point: dict[str, int] = {}
        by_text: dict[tuple[str, str], int] = {}
        repeated: set[tuple[str, str]] = set()
        for column, place in enumerate(index.columns):
            passage = index.task.passages[place]
            if passage.document_id:
                by_point[_point_id(passage.document_id, passage.index)] = column
            key = (passage.language, passage.text)
            if passage.text and by_text.setdefault(key, column) != column:
                repeated.add(key)
        for key in repeated:
            del by_text[key]
        languages = {language: number for number, language in enumerate(index.languages)}
        return cls(by_point=by_point, by_id=dict(index.column_of), by_text=by_text, languages=languages)

    def column(self, hit: Hit) -> int:
        """Return the column of the hit's passage; -1 if it is not in the task's pool.

        Args:
            hit: A hit of a collection.
        """
        for table, key in ((self.by_point, hit.id), (self.by_id, hit.document_id), (self.by_id, hit.id)):
            if key in table:
                return table[key]
        return self.by_text.get((hit.language, hit.text), -1)

    def retrieved(self, hits: Iterable[Hit]) -> list[tuple[int, float, int]]:
        """Match hits. If several hits belong to one passage (cut finer in the collection), the best one is kept.

        Args:
            hits: Hits of one query, best first.

        Returns:
            Column (-1 outside the pool), score and language index (-1 if the task lacks the language) of each hit.
        """
        found: list[tuple[int, float, int]] = []
        seen: set[int] = set()
        for hit in hits:
            column = self.column(hit)
            if column < 0 or column not in seen:
                found.append((column, hit.score, self.languages.get(hit.language, -1)))
                seen.add(column)
        return found


def retrieved_from_run(index: TaskIndex, run: Run) -> list[Retrieved]:
    """Convert a run. Equal scores are ordered by pid, as in the exact scorer.

    Args:
        index: The task, indexed for evaluation.
        run: qid -> pid -> score.

    Returns:
        Column (-1 outside the pool), score and language index (-1 if unknown) of each hit, by query.

    Raises:
        InputError: The run contains none of the task's queries.
    """
    if not any(query.id in run for query in index.task.queries):
        raise InputError(f"the run answers none of the queries of {index.task.name}; do the query ids agree?")
    answers: list[Retrieved] = []
    for query in index.task.queries:
        # Ties by pid, as in the exact scorer.
        hits = sorted(run.get(query.id, {}).items(), key=lambda item: (-item[1], item[0]))
        columns = [(index.column_of.get(pid, -1), score) for pid, score in hits]
        answers.append(
            [(column, score, int(index.passage_language[column]) if column >= 0 else -1) for column, score in columns]
        )
    return answers


def ranking_of(index: TaskIndex, answers: Sequence[Retrieved], *, depth: int) -> Ranking:
    """Find the ranks of the golds in retrieved lists, overall and among the hits of each gold's own language.

    Args:
        index: The task, indexed for evaluation.
        answers: Retrieved list of each query, in the task's order.
        depth: Number of hits requested.
    """
    top = np.full((len(answers), depth), -1, dtype=np.int64)
    scores = np.full((len(answers), depth), -np.inf, dtype=np.float32)
    languages = np.full((len(answers), depth), -1, dtype=np.int64)
    for row, answer in enumerate(answers):
        for place, (column, score, language) in enumerate(answer[:depth]):
            top[row, place], scores[row, place] = column, score
            languages[row, place] = language if language >= 0 or column < 0 else index.passage_language[column]
    golds = index.golds
    where = top[golds.query] == golds.column[:, None]
    place = where.argmax(axis=1)
    retrieved = where.any(axis=1)
    same = (languages[golds.query] == golds.language[:, None]) & (np.arange(depth) <= place[:, None])
    return Ranking(
        top=top,
        top_scores=scores,
        top_languages=languages,
        gold_ranks=np.where(retrieved, place + 1.0, np.inf),
        gold_ranks_in_language=np.where(retrieved, same.sum(axis=1), np.inf),
        complete=False,
    )


def retrieved_scores(ranking: Ranking) -> ScoreOf:
    """Return a function that looks up scores for `mean_rank_correlation`; minus infinity for passages not retrieved.

    Args:
        ranking: Top hits of each query with their scores.
    """

    def score_of(rows: IntArray, columns: IntArray) -> FloatArray:
        scores: FloatArray = np.full((*rows.shape, columns.shape[1]), -np.inf, dtype=np.float32)
        for language in range(rows.shape[1]):
            own = rows[:, language]
            same = ranking.top[own][:, None, :] == columns[:, :, None]
            found = np.where(same, ranking.top_scores[own][:, None, :], -np.inf)
            scores[:, language] = found.max(axis=2)
        return scores

    return score_of


def _point_id(document_id: str, index: int) -> str:
    return Passage(document_id=document_id, index=index, text="", start=0, end=0).id
