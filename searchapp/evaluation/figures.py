"""Compute quality figures from a ranking in the three settings of LAReQA.

Mo (monolingual) ranks a query's golds in its own language among the passages of that language. Cr (cross-lingual) does the
same for every other language. Mul (multilingual) ranks all golds in the pool of all languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import Run
from searchapp.evaluation.indexing import IntArray, TaskIndex
from searchapp.evaluation.language_bias.matrices import language_matrix
from searchapp.evaluation.measures import Measure, Values, values_from_ranks, values_from_run
from searchapp.evaluation.results import MEAN, Matrix
from searchapp.evaluation.scorer import Ranking

MIXED = "mixed"
"""The group of queries in several languages."""

WITHIN = "within language"
"""Suffix of a matrix of passages ranked among those of their own language: its diagonal is Mo, the rest Cr."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Queries by language, the mixed ones last."""

    names: tuple[str, ...]
    members: tuple[IntArray, ...]

    @classmethod
    def of(cls, index: TaskIndex) -> Groups:
        """Group a task's queries by language.

        Args:
            index: The task, indexed for evaluation.
        """
        codes = [int(code) for code in np.unique(index.query_language) if code >= 0]
        names = [index.languages[code] for code in codes]
        members = [np.flatnonzero(index.query_language == code) for code in codes]
        mixed = np.flatnonzero(index.query_language < 0)
        if len(mixed):
            names.append(MIXED)
            members.append(mixed)
        order = sorted(range(len(names)), key=lambda place: (names[place] == MIXED, names[place]))
        return cls(names=tuple(names[place] for place in order), members=tuple(members[place] for place in order))

    def means(self, values: Values) -> dict[str, float]:
        """Compute the mean of each group for which it is defined, and the mean of these means.

        Args:
            values: (queries,) value of each query; NaN where the measure is not defined.

        Returns:
            Group or `mean` -> value; empty if no query has a value.
        """
        found = {}
        for name, members in zip(self.names, self.members, strict=True):
            known = values[members][np.isfinite(values[members])]
            if len(known):
                found[name] = float(known.mean())
        return {MEAN: float(np.mean(list(found.values()))), **found} if found else {}


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures by setting, matrices by language pair, and values by query (named `Mul mAP` and so on)."""

    figures: dict[str, dict[str, dict[str, float]]]
    matrices: dict[str, Matrix]
    per_query: dict[str, Values]


def quality(index: TaskIndex, ranking: Ranking, *, measures: Sequence[str]) -> Quality:
    """Compute every measure in every setting that the task has golds for.

    Args:
        index: The task, indexed for evaluation.
        ranking: Ranks of the golds and the top hits of each query.
        measures: Names. Those that cannot be computed from ranks are computed by ir-measures, with the top of the ranking
            as the run, in the setting Mul only.
    """
    groups = Groups.of(index)
    found = Quality(figures={}, matrices={}, per_query={})
    own = index.golds.language == index.query_language[index.golds.query]
    single = index.query_language[index.golds.query] >= 0
    run: Run | None = None
    for name in measures:
        measure = Measure.parse(name)
        if measure is None:
            run = run if run is not None else run_of(index, ranking)
            found.per_query[f"Mul {name}"] = _from_run(name, index, run)
        else:
            found.per_query[f"Mul {name}"] = _whole_pool(index, measure, ranking.gold_ranks)
            if own.any():
                values = _setting(index, measure, ranking.gold_ranks_in_language, own & single)
                found.per_query[f"Mo {name}"] = values
            if (~own & single).any():
                _cross_lingual(index, measure, ranking, found, name=name, chosen=single)
    for key, values in found.per_query.items():
        setting, _, name = key.partition(" ")
        means = _pair_means(found.matrices[f"{name} {WITHIN}"]) if setting == "Cr" else groups.means(values)
        for group, value in means.items():
            found.figures.setdefault(setting, {}).setdefault(group, {})[name] = value
    return found


def _whole_pool(index: TaskIndex, measure: Measure, ranks: Values) -> Values:
    """Compute a measure over all golds; those missing from the corpus count as not found."""
    golds = index.golds
    missing = [
        (row, value)
        for row, query in enumerate(index.task.queries)
        for value in index.task.missing.get(query.id, {}).values()
    ]
    rows, values = np.array(missing, dtype=np.int64).reshape(-1, 2).T
    return values_from_ranks(
        measure,
        ranks=np.concatenate([ranks, np.full(len(rows), np.inf)]),
        relevance=np.concatenate([golds.relevance, values]),
        units=np.concatenate([golds.query, rows]),
        count=len(index.task.queries),
    )


def _setting(index: TaskIndex, measure: Measure, ranks: Values, chosen: NDArray[np.bool_]) -> Values:
    golds = index.golds
    return values_from_ranks(
        measure,
        ranks=ranks[chosen],
        relevance=golds.relevance[chosen],
        units=golds.query[chosen],
        count=len(index.task.queries),
    )


def _cross_lingual(
    index: TaskIndex, measure: Measure, ranking: Ranking, found: Quality, *, name: str, chosen: NDArray[np.bool_]
) -> None:
    golds, width = index.golds, len(index.pool_languages)
    count = len(index.task.queries)
    pairs = values_from_ranks(
        measure,
        ranks=ranking.gold_ranks_in_language[chosen],
        relevance=golds.relevance[chosen],
        units=golds.query[chosen] * width + golds.language[chosen],
        count=count * width,
    )
    rows = np.repeat(index.query_language, width)
    columns = np.tile(np.arange(width), count)
    asked = [code for code in range(len(index.languages)) if (index.query_language == code).any()]
    matrix = language_matrix(pairs, rows=rows, columns=columns, shape=(len(index.languages), width))[asked]
    names = [index.languages[code] for code in asked]
    found.matrices[f"{name} {WITHIN}"] = Matrix.of(names, index.pool_languages, matrix)
    other = np.where(rows == columns, np.nan, pairs).reshape(count, width)
    known = np.isfinite(other)
    with np.errstate(invalid="ignore"):
        found.per_query[f"Cr {name}"] = np.where(known, other, 0.0).sum(axis=1) / known.sum(axis=1)


def _pair_means(matrix: Matrix) -> dict[str, float]:
    """Average each row over the other languages' columns, and over all such pairs with equal weight."""
    cells = matrix.array()
    cells[np.array([[row == column for column in matrix.columns] for row in matrix.rows])] = np.nan
    rows = {name: line[np.isfinite(line)] for name, line in zip(matrix.rows, cells, strict=True)}
    found = {name: float(line.mean()) for name, line in rows.items() if len(line)}
    return {MEAN: float(cells[np.isfinite(cells)].mean()), **found} if found else {}


def run_of(index: TaskIndex, ranking: Ranking) -> Run:
    """Return the top of a ranking as qid -> pid -> score.

    Args:
        index: The task, indexed for evaluation.
        ranking: Ranks of the golds and the top hits of each query.
    """
    passages, columns = index.task.passages, index.columns
    run: Run = {}
    for row, query in enumerate(index.task.queries):
        kept = np.flatnonzero(ranking.top[row] >= 0)
        run[query.id] = {
            passages[columns[column]].id: float(score)
            for column, score in zip(ranking.top[row, kept], ranking.top_scores[row, kept], strict=True)
        }
    return run


def _from_run(name: str, index: TaskIndex, run: Run) -> Values:
    found: Mapping[str, float] = values_from_run(name, qrels=index.task.qrels, run=run)
    return np.array([found.get(query.id, 0.0) for query in index.task.queries])
