"""Compute every measure of language bias from a ranking: means by query language, matrices, values by query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.errors import MissingExtraError
from searchapp.evaluation.figures import Groups
from searchapp.evaluation.indexing import IntArray, TaskIndex
from searchapp.evaluation.language_bias.consistency import ScoreOf, mean_rank_correlation
from searchapp.evaluation.language_bias.first_passage import FIRST_PASSAGE, first_passage_shares, language_aware_ndcg
from searchapp.evaluation.language_bias.geometry import alignment, uniformity
from searchapp.evaluation.language_bias.lift import lift_matrix
from searchapp.evaluation.language_bias.matrices import language_matrix
from searchapp.evaluation.language_bias.peer import peer
from searchapp.evaluation.language_bias.preference import other_language_recall, same_language_preference
from searchapp.evaluation.language_bias.rank_distance import rank_distance
from searchapp.evaluation.measures import Values
from searchapp.evaluation.results import MEAN, Matrix, finite
from searchapp.evaluation.scorer import Ranking

BIAS_CUT = 20
"""Cut-off of the bias measures that have one: larger than the number of golds of a parallel task, so that 1 is possible."""

ALIGN_AT_ONCE = 16_384
"""Maximum pairs of query and gold whose embeddings are copied at a time."""

RANK_DISTANCE = "rank distance"
LPR = "LPR"


@dataclass(frozen=True, slots=True)
class Bias:
    """Means by query language, values of an unbiased ranking, matrices, values by query, and remarks."""

    means: dict[str, dict[str, float]] = field(default_factory=dict)
    unbiased: dict[str, float] = field(default_factory=dict)
    matrices: dict[str, Matrix] = field(default_factory=dict)
    per_query: dict[str, Values] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, values: Values, *, groups: Groups, unbiased: float | None = None) -> None:
        """Add a measure's values by query, if it is defined for any query.

        Args:
            name: Name of the measure, such as `lift@20`.
            values: (queries,) value of each query; NaN where the measure is not defined.
            groups: The queries by language.
            unbiased: Value of a ranking without bias; None if unknown.
        """
        means = groups.means(values)
        if means:
            self.means[name] = means
            self.per_query[name] = values
            if unbiased is not None:
                self.unbiased[name] = unbiased


def bias(
    index: TaskIndex,
    ranking: Ranking,
    *,
    score_of: ScoreOf,
    baseline: Mapping[str, float] | None = None,
    k: int = BIAS_CUT,
) -> Bias:
    """Compute every bias measure that the task allows; none if the pool has only one language.

    Args:
        index: The task, indexed for evaluation.
        ranking: Ranks of the golds and the top hits of each query.
        score_of: Returns the scores of passages for a query, see `mean_rank_correlation`.
        baseline: Weight per language without bias, for the lift; default: number of passages in the pool.
        k: Cut-off rank.
    """
    found, groups = Bias(), Groups.of(index)
    if len(index.pool_languages) < 2:
        found.notes.append("The pool has only one language: language bias is undefined.")
        return found
    _gold_ranks(index, ranking, found, groups=groups, k=k)
    _first_passages(index, ranking, found, groups=groups)
    _lift(index, ranking, found, groups=groups, baseline=baseline or index.pool_sizes, k=k)
    _peer(index, ranking, found, k=k)
    query_groups = index.groups()
    if len(np.unique(query_groups[query_groups >= 0])) < len(query_groups):
        _consistency(index, ranking, found, score_of=score_of, k=k)
    return found


def geometry(index: TaskIndex, found: Bias, *, queries: FloatArray, passages: FloatArray) -> None:
    """Add alignment and uniformity, which are measured on embeddings, to the other measures.

    Args:
        index: The task, indexed for evaluation.
        found: Measures of the ranking, to which these are added.
        queries: Embeddings in the task's order, (queries, dimension), unit length.
        passages: Embeddings in the task's order, (passages, dimension), unit length.
    """
    golds = index.golds
    columns = index.columns[golds.column]
    values = np.empty(len(golds))
    for start in range(0, len(golds), ALIGN_AT_ONCE):
        part = slice(start, start + ALIGN_AT_ONCE)
        values[part] = alignment(queries[golds.query[part]], passages[columns[part]])
    counts = np.bincount(golds.query, minlength=len(queries))
    means = np.full(len(queries), np.nan)
    np.divide(np.bincount(golds.query, values, minlength=len(queries)), counts, out=means, where=counts > 0)
    found.add("alignment", means, groups=Groups.of(index))
    found.matrices["alignment"] = _matrix(index, values)
    spread = finite(uniformity(passages))
    if spread is not None:
        found.means["uniformity"] = {MEAN: spread}


def _gold_ranks(index: TaskIndex, ranking: Ranking, found: Bias, *, groups: Groups, k: int) -> None:
    golds, count = index.golds, len(index.task.queries)
    ranks = ranking.gold_ranks
    per_query = np.bincount(golds.query, minlength=count)
    distance = rank_distance(ranks, queries=golds.query, count=count, missing=ranking.depth + 1)
    floor = float(per_query[0] - 1) if np.all(per_query == per_query[0]) else None
    found.add(RANK_DISTANCE, distance, groups=groups, unbiased=floor)
    if not ranking.complete:
        found.notes.append(
            f"Golds beyond the first {ranking.depth} hits count as rank {ranking.depth + 1}: rank distance is a lower bound."
        )
    own = _own(index)
    chance = _chance(golds.query, own, count=count)
    preferred = same_language_preference(ranks, queries=golds.query, own=own, count=count)
    found.add(LPR, preferred, groups=groups, unbiased=chance)
    recall = other_language_recall(ranks, queries=golds.query, own=own, count=count, k=k)
    found.add(f"TLR@{k}", recall, groups=groups)
    aware = language_aware_ndcg(ranks, queries=golds.query, own=own, relevance=golds.relevance, count=count, k=k)
    found.add(f"language-aware nDCG@{k}", aware, groups=groups)
    found.matrices[f"R@{k} in the whole pool"] = _matrix(index, (ranks <= k).astype(np.float64))
    if ranking.complete:
        found.matrices["mean rank in the whole pool"] = _matrix(index, ranks)


def _first_passages(index: TaskIndex, ranking: Ranking, found: Bias, *, groups: Groups) -> None:
    golds, count = index.golds, len(index.task.queries)
    languages = ranking.top_languages[:, 0]
    right = np.zeros(count, dtype=bool)
    right[golds.query[ranking.gold_ranks == 1]] = True
    own: NDArray[np.bool_] = languages == index.query_language
    for row in np.flatnonzero(index.query_language < 0):
        codes = [index.languages.index(language) for language in index.task.queries[row].languages]
        own[row] = languages[row] in codes
    shares = first_passage_shares(right=right, own=own, known=languages >= 0)
    for name, values in zip(FIRST_PASSAGE, shares, strict=True):
        found.add(name, values, groups=groups)


def _own(index: TaskIndex) -> NDArray[np.bool_]:
    """Return (golds,) whether a gold is in its query's language, or in one of them."""
    golds = index.golds
    own: NDArray[np.bool_] = golds.language == index.query_language[golds.query]
    for row in np.flatnonzero(index.query_language < 0):
        codes = [index.languages.index(language) for language in index.task.queries[row].languages]
        first, last = np.searchsorted(golds.query, (row, row + 1))
        own[first:last] = np.isin(golds.language[first:last], codes)
    return own


def _chance(queries: IntArray, own: NDArray[np.bool_], *, count: int) -> float | None:
    """Return the share of golds in the query's own languages if it is the same for all queries."""
    with np.errstate(invalid="ignore"):
        share = np.bincount(queries[own], minlength=count) / np.bincount(queries, minlength=count)
    return float(share[0]) if np.allclose(share, share[0]) else None


def _lift(
    index: TaskIndex, ranking: Ranking, found: Bias, *, groups: Groups, baseline: Mapping[str, float], k: int
) -> None:
    matrix = lift_matrix(
        ranking.top_languages,
        rows=groups.members,
        row_names=groups.names,
        languages=index.languages,
        baseline=baseline,
        k=k,
    )
    name = f"lift@{k}"
    for suffix, values in (("", matrix.lift), (" low", matrix.low), (" high", matrix.high)):
        found.matrices[name + suffix] = Matrix.of(matrix.rows, matrix.columns, values)
    own = {language: value for language, value in matrix.own.items() if np.isfinite(value)}
    if own:
        found.means[f"{name} of the own language"] = {MEAN: float(np.mean(list(own.values()))), **own}
        found.unbiased[f"{name} of the own language"] = 1.0


def _peer(index: TaskIndex, ranking: Ranking, found: Bias, *, k: int) -> None:
    golds = index.golds
    try:
        result = peer(
            ranking.gold_ranks,
            queries=golds.query,
            languages=golds.language,
            relevance=golds.relevance,
            pool=max(len(index.columns), ranking.depth + 1),
            k=k,
        )
    except MissingExtraError as error:
        found.notes.append(f"PEER@{k} was left out: {error}")
        return
    if result.value is None:
        found.notes.append(f"PEER@{k} is undefined: no query has golds in two languages.")
        return
    found.means[f"PEER@{k}"] = {MEAN: result.value}
    found.unbiased[f"PEER@{k}"] = 1.0
    if result.pooled:
        found.notes.append(
            f"PEER@{k} is one test over the ranks of all {result.queries:,} queries: with one gold per language it says "
            "nothing about a single query."
        )
        if result.effect is not None:
            found.means[f"PEER@{k} effect"] = {MEAN: result.effect}
            found.unbiased[f"PEER@{k} effect"] = 0.0


def _consistency(index: TaskIndex, ranking: Ranking, found: Bias, *, score_of: ScoreOf, k: int) -> None:
    count = len(index.languages)
    matrix = mean_rank_correlation(
        ranking.top, languages=index.query_language, groups=index.groups(), count=count, k=k, score_of=score_of
    )
    asked = [code for code in range(count) if np.isfinite(matrix[code]).any()]
    if not asked:
        return
    names = [index.languages[code] for code in asked]
    kept = matrix[np.ix_(asked, asked)]
    found.matrices[f"MRC@{k}"] = Matrix.of(names, names, kept)
    means = {name: float(np.nanmean(line)) for name, line in zip(names, kept, strict=True)}
    found.means[f"MRC@{k}"] = {MEAN: float(np.nanmean(kept)), **means}
    found.unbiased[f"MRC@{k}"] = 1.0


def _matrix(index: TaskIndex, values: Values) -> Matrix:
    golds = index.golds
    asked = [code for code in range(len(index.languages)) if (index.query_language == code).any()]
    shape = (len(index.languages), len(index.pool_languages))
    cells = language_matrix(values, rows=index.query_language[golds.query], columns=golds.language, shape=shape)
    return Matrix.of([index.languages[code] for code in asked], index.pool_languages, cells[asked])
