"""Compare mixed-language queries with the monolingual queries they consist of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from searchapp.datatypes import Tell
from searchapp.encoders.base import Encoder
from searchapp.evaluation.biases import BIAS_CUT, LPR, RANK_DISTANCE
from searchapp.evaluation.evaluate import Evaluation, encode_queries
from searchapp.evaluation.indexing import TaskIndex
from searchapp.evaluation.language_bias.preference import same_language_preference
from searchapp.evaluation.language_bias.rank_distance import rank_distance
from searchapp.evaluation.measures import Measure, Values, values_from_ranks
from searchapp.evaluation.scorer import Ranking, rank_pool
from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery
from searchapp.evaluation.tasks.mixed import mixed_task

MONOLINGUAL_END = ": monolingual"
"""Suffix of the row that a kind is compared with."""
QUERIES = "queries"
OWN_LIFT = "own lift"
"""Lift of all of the query's own languages together."""
RELATIVE = "relative mAP"
"""mAP of a kind divided by that of its monolingual queries."""


def evaluate_robustness(
    evaluation: Evaluation,
    encoder: Encoder,
    kinds: Mapping[str, Sequence[TaskQuery]],
    *,
    k: int = BIAS_CUT,
    progress: Tell | None = None,
) -> dict[str, dict[str, float]]:
    """Measure kinds of mixed-language queries against the pool of a finished evaluation.

    A kind `x` gives two rows: `x`, and `x: monolingual`, the mean of the same groups' monolingual queries in the same
    languages, with equal weight for each language of a mixed query. LPR counts a first gold in any of the query's
    languages, which by chance happens twice as often for 2 languages as for 1.

    Args:
        evaluation: Finished evaluation of the same encoder, with its embeddings.
        encoder: Embeds the mixed queries.
        kinds: Name -> queries made of the task's, such as `spliced, 2 languages`.
        k: Cut-off rank of the lift.
        progress: Called with the progress in this thread, or None.

    Returns:
        Row -> measure -> value.
    """
    if evaluation.passages is None:
        raise ValueError("robustness needs the embeddings of an encoder's evaluation")
    task = evaluation.index.task
    reference = _values(evaluation.index, evaluation.ranking, k=k)
    row_of = {(query.group, query.language): row for row, query in enumerate(task.queries)}
    found: dict[str, dict[str, float]] = {}
    for kind, queries in kinds.items():
        mixed: RetrievalTask = mixed_task(task, queries)
        index = TaskIndex.of(mixed)
        embeddings = encode_queries([query.text for query in mixed.queries], encoder, progress=progress)
        values = _values(index, rank_pool(index, embeddings, evaluation.passages, depth=k), k=k)
        parts = [[row_of[query.group, language] for language in query.languages] for query in mixed.queries]
        row = {QUERIES: float(len(mixed.queries)), **{name: _mean(array) for name, array in values.items()}}
        compared = {
            QUERIES: float(len({place for rows in parts for place in rows})),
            **{name: _mean(np.array([_mean(array[rows]) for rows in parts])) for name, array in reference.items()},
        }
        row[RELATIVE] = row["mAP"] / compared["mAP"] if compared["mAP"] else float("nan")
        # Undefined values are left out, such as the LPR of queries in all languages of the pool.
        found[kind] = {name: value for name, value in row.items() if np.isfinite(value)}
        found[kind + MONOLINGUAL_END] = {name: value for name, value in compared.items() if np.isfinite(value)}
    return found


def _values(index: TaskIndex, ranking: Ranking, *, k: int) -> dict[str, Values]:
    golds, count = index.golds, len(index.task.queries)
    codes = {language: number for number, language in enumerate(index.languages)}
    spoken = np.zeros((count, len(index.languages)), dtype=bool)
    for row, query in enumerate(index.task.queries):
        spoken[row, [codes[language] for language in query.languages]] = True
    average = values_from_ranks(
        Measure("mAP"), ranks=ranking.gold_ranks, relevance=golds.relevance, units=golds.query, count=count
    )
    own = spoken[golds.query, golds.language]
    sizes = np.array([index.pool_sizes.get(language, 0) for language in index.languages], dtype=np.float64)
    share = spoken[np.arange(count)[:, None], ranking.top_languages[:, :k]].mean(axis=1)
    return {
        "mAP": average,
        RANK_DISTANCE: rank_distance(ranking.gold_ranks, queries=golds.query, count=count),
        LPR: same_language_preference(ranking.gold_ranks, queries=golds.query, own=own, count=count),
        OWN_LIFT: share / (spoken @ (sizes / sizes.sum())),
    }


def _mean(values: Values) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
