"""Choose the calibration of an encoder from recorded tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from searchapp.encoders.calibration import Calibration
from searchapp.options import Ranking
from searchapp.search.hybrid import FusionSettings
from training.calibration.recorded import DEPTH, RecordedQuery, RecordedTask

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Lexical weights to try, as multiples of the difference between a search's first and last cosine."""
FEEDBACKS = (0.0, 0.2, 0.4, 0.8)
FEEDBACK_QUANTILES = (0.0, 0.25)
"""Shares of the held-out queries whose best passage is too weak to give feedback."""

NOISE = 0.005
"""Differences of mean average precision up to this value are noise, given the size of the tasks."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Mean average precision of one setting by task, in the order of the tasks."""

    calibration: Calibration
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Return the mean over the tasks."""
        return fmean(self.scores)


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen calibration and the alternatives.

    Attributes:
        tasks: Names of the tasks.
        dense: Mean average precision of the dense leg alone, by task.
        lexical: Mean average precision of the lexical leg alone, by task.
        outcomes: All settings tried.
        loses: Tasks in which the choice is worse than the better leg.
        rejected: Share of the queries without an answer in their pool for which nothing is found relevant, by task.
    """

    calibration: Calibration
    tasks: tuple[str, ...]
    dense: tuple[float, ...]
    lexical: tuple[float, ...]
    outcomes: tuple[Outcome, ...]
    loses: tuple[str, ...]
    rejected: tuple[float, ...]


def choose(tasks: Sequence[RecordedTask]) -> Choice:
    """Try weights, feedback and its threshold, and choose the best mean among settings worse than no leg in any task.

    Worse means lower by more than `NOISE`. If every setting is worse somewhere, the one that loses least is chosen. Among
    those within `NOISE` of the best, the one with the least feedback is chosen, because the user's own words matter most.

    Args:
        tasks: Tasks recorded with the encoder.
    """
    dense = tuple(_legs(task, lexical=False) for task in tasks)
    lexical = tuple(_legs(task, lexical=True) for task in tasks)
    legs = [max(pair) for pair in zip(dense, lexical, strict=True)]
    best_cosines = [query.dense[0].score for task in tasks for query in task.queries if query.dense]
    outcomes = []
    for weight in WEIGHTS:
        for feedback in FEEDBACKS:
            for quantile in FEEDBACK_QUANTILES if feedback else FEEDBACK_QUANTILES[:1]:
                least = float(np.quantile(best_cosines, quantile)) if quantile else -1.0
                tried = Calibration(
                    lexical_weight=weight, relative=True, feedback=feedback, feedback_above=round(least, 4)
                )
                outcomes.append(Outcome(tried, tuple(mean_precision(task, tried) for task in tasks)))

    def worst(outcome: Outcome) -> float:
        return min(score - leg for score, leg in zip(outcome.scores, legs, strict=True))

    sound = [outcome for outcome in outcomes if worst(outcome) >= -NOISE]
    if sound:
        best = max(outcome.mean for outcome in sound)
        alike = [outcome for outcome in sound if outcome.mean > best - NOISE]
        chosen = min(alike, key=lambda outcome: (outcome.calibration.feedback, -outcome.mean))
    else:
        chosen = max(outcomes, key=worst)
    calibration = with_thresholds(chosen.calibration, tasks)
    return Choice(
        calibration=calibration,
        tasks=tuple(task.name for task in tasks),
        dense=dense,
        lexical=lexical,
        outcomes=tuple(outcomes),
        loses=tuple(t.name for t, score, leg in zip(tasks, chosen.scores, legs, strict=True) if score < leg - NOISE),
        rejected=tuple(_rejected(task, calibration) for task in tasks),
    )


def wordless(task: RecordedTask) -> RecordedTask | None:
    """Keep the queries for which the lexical leg finds no answer: words and feedback can only harm them.

    Args:
        task: Task with the recorded legs of its queries.

    Returns:
        The task with these queries; None if there are none.
    """
    found = [query for query in task.queries if not any(point.id in query.golds for point in query.lexical)]
    return replace(task, name=f"{task.name}, no word matches", queries=tuple(found)) if found else None


def with_thresholds(calibration: Calibration, tasks: Sequence[RecordedTask]) -> Calibration:
    """Set the minimum cosines of relevant passages from pairs that do not belong together.

    Without a word of the query, a passage must be nearer to it than the nearest wrong passage of a pool is for half of the
    queries; with one, nearer than half of all wrong passages.

    Args:
        calibration: Settings of the fusion.
        tasks: Recorded tasks, with equal weight.
    """
    nearest, usual = [], []
    for task in tasks:
        cosines = np.stack([query.vector for query in task.queries]) @ task.vectors.T
        right = np.array([[id_ in query.golds for id_ in task.ids] for query in task.queries])
        nearest.append(float(np.median(np.where(right, -1.0, cosines).max(axis=1))))
        usual.append(float(np.median(cosines[~right])))
    return replace(calibration, relevant_above=round(fmean(nearest), 4), relevant_with_words=round(fmean(usual), 4))


def mean_precision(task: RecordedTask, calibration: Calibration) -> float:
    """Compute the mean average precision of hybrid search on a task among the first `DEPTH` hits.

    Args:
        task: Recorded queries.
        calibration: Settings of the fusion.
    """
    settings = FusionSettings.of(Ranking(), calibration=calibration)
    return fmean(_precision(task.search(query, settings), query) for query in task.queries)


def _legs(task: RecordedTask, *, lexical: bool) -> float:
    found = [[point.id for point in (query.lexical if lexical else query.dense)] for query in task.queries]
    return fmean(_precision(ids, query) for ids, query in zip(found, task.queries, strict=True))


def _precision(ids: Sequence[str], query: RecordedQuery) -> float:
    """Compute the average precision of a ranking."""
    total, found = 0.0, 0
    for rank, id_ in enumerate(ids[:DEPTH], start=1):
        if id_ in query.golds:
            found += 1
            total += found / rank
    return total / len(query.golds)


def _rejected(task: RecordedTask, calibration: Calibration) -> float:
    """Return the share of queries for which nothing is relevant after removing the answers from the pool."""
    refused = []
    for query in task.queries:
        worded = {point.id for point in query.lexical}
        wrong = [point for point in query.dense if point.id not in query.golds][:10]
        refused.append(not any(calibration.is_relevant(p.score, has_words=p.id in worded) for p in wrong))
    return fmean(refused)
