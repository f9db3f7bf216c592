"""Represent a task as integer arrays for the scorer and the measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.tasks.base import RetrievalTask

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Golds:
    """The relevant passages of all queries, sorted by query; arrays of equal length.

    Attributes:
        query: Row of the query.
        column: Column of the passage.
        language: Index into the task's languages.
        relevance: Above 0.
    """

    query: IntArray
    column: IntArray
    language: IntArray
    relevance: IntArray

    def __len__(self) -> int:
        return len(self.query)


@dataclass(frozen=True, slots=True)
class TaskIndex:
    """A task's rows and columns: rows are its queries in order, columns its passages sorted by language, then pid.

    Attributes:
        columns: (passages,) index into `task.passages` of each column.
        column_of: pid -> column.
        languages: Languages of the pool, followed by those of queries only. All language indices refer to this list.
        bounds: (pool languages + 1,) first column of each language, and the end.
        tie_order: (passages,) position of each column's pid among all sorted pids; ranks equal scores.
        passage_language: (passages,) language index of each column.
        query_language: (queries,) language index; -1 for a mixed-language query.
        excluded: Row -> columns that are ignored for it.
    """

    task: RetrievalTask
    columns: IntArray
    column_of: Mapping[str, int]
    languages: tuple[str, ...]
    bounds: tuple[int, ...]
    tie_order: IntArray
    passage_language: IntArray
    query_language: IntArray
    golds: Golds
    excluded: Mapping[int, IntArray]

    @classmethod
    def of(cls, task: RetrievalTask) -> TaskIndex:
        """Index a task.

        Args:
            task: Queries, passages and judgements.
        """
        passages = task.passages
        columns = sorted(range(len(passages)), key=lambda place: (passages[place].language, passages[place].id))
        column_of = {passages[place].id: column for column, place in enumerate(columns)}
        pool = task.passage_languages
        only_asked = {language for query in task.queries for language in query.languages} - set(pool)
        languages = (*pool, *sorted(only_asked))
        code = {language: number for number, language in enumerate(languages)}
        passage_language = np.array([code[passages[place].language] for place in columns], dtype=np.int64)
        tie_order = np.empty(len(columns), dtype=np.int64)
        tie_order[sorted(range(len(columns)), key=lambda column: passages[columns[column]].id)] = range(len(columns))
        return cls(
            task=task,
            columns=np.array(columns, dtype=np.int64),
            column_of=column_of,
            languages=languages,
            bounds=tuple(int(edge) for edge in np.searchsorted(passage_language, np.arange(len(pool) + 1))),
            tie_order=tie_order,
            passage_language=passage_language,
            query_language=np.array(
                [code[query.language] if len(query.languages) == 1 else -1 for query in task.queries], dtype=np.int64
            ),
            golds=_golds(task, column_of=column_of, passage_language=passage_language),
            excluded={
                row: np.array([column_of[pid] for pid in task.excluded[query.id] if pid in column_of], dtype=np.int64)
                for row, query in enumerate(task.queries)
                if query.id in task.excluded
            },
        )

    @property
    def pool_languages(self) -> tuple[str, ...]:
        """Languages of the pool."""
        return self.languages[: len(self.bounds) - 1]

    @property
    def pool_sizes(self) -> dict[str, int]:
        """Passages per language, the baseline of an unbiased ranking."""
        sizes = np.diff(np.array(self.bounds))
        return {language: int(size) for language, size in zip(self.pool_languages, sizes, strict=True)}

    def groups(self) -> IntArray:
        """Number the groups of translations and return the number of each query's, (queries,); -1 if it has none."""
        numbers: dict[str, int] = {}
        for query in self.task.queries:
            if query.group:
                numbers.setdefault(query.group, len(numbers))
        return np.array([numbers.get(query.group, -1) for query in self.task.queries], dtype=np.int64)


def _golds(task: RetrievalTask, *, column_of: Mapping[str, int], passage_language: IntArray) -> Golds:
    rows: list[tuple[int, int, int]] = []
    for row, query in enumerate(task.queries):
        found = sorted(
            (column_of[pid], value) for pid, value in task.qrels[query.id].items() if value > 0 and pid in column_of
        )
        rows += [(row, column, value) for column, value in found]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Golds(query=table[:, 0], column=table[:, 1], language=passage_language[table[:, 1]], relevance=table[:, 2])
