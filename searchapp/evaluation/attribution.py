"""Attribute gains and losses of quality and language bias to the stages of a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.evaluate import Evaluation, evaluate_embeddings
from searchapp.evaluation.results import MEAN, Results, System
from searchapp.evaluation.tasks.base import RetrievalTask

Transform: TypeAlias = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""Maps the embeddings of queries and passages, in the task's order, to the stage's output."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline: the output of the system if it ends here."""

    name: str
    results: Results


@dataclass(frozen=True, slots=True)
class StageEffect:
    """The change of the measures from the previous stage to this one; the first stage has no change.

    Attributes:
        values: Measure -> value after the stage.
        changes: Measure -> value minus the previous value.
    """

    name: str
    values: dict[str, float]
    changes: dict[str, float]


def attribute(stages: Sequence[Stage]) -> list[StageEffect]:
    """Compute the differences in quality and bias from each stage to the next.

    List the stages in the pipeline's order, such as encoder (exact), quantisation (the index), lexical, fusion, debias,
    re-rank. A stage that does not build on the previous one (the lexical leg) is still compared with it.

    Args:
        stages: Output of the pipeline after each step, in order.

    Returns:
        One effect per stage, in the same order.
    """
    effects: list[StageEffect] = []
    for stage in stages:
        values = summary(stage.results)
        before = effects[-1].values if effects else {}
        changes = {name: value - before[name] for name, value in values.items() if name in before}
        effects.append(StageEffect(name=stage.name, values=values, changes=changes))
    return effects


def summary(results: Results) -> dict[str, float]:
    """Return the figures that stages are compared by: main quality, rank distance, LPR, TLR, lift of the own language.

    Args:
        results: Results of one evaluation.

    Returns:
        Figure -> mean over the query languages; those that were not measured are missing.
    """
    found: dict[str, float] = {}
    if results.main is not None:
        found[f"{results.main[0]} {results.task.main_measure}"] = results.main[1]
    for name, means in results.bias.items():
        if name in (RANK_DISTANCE, LPR) or name.startswith(("TLR@", "lift@")):
            found[name] = means[MEAN]
    return found


def embedding_stages(
    evaluation: Evaluation, transforms: Iterable[tuple[str, Transform]], *, first: str = "encoder"
) -> list[Stage]:
    """Apply transforms to an encoder's embeddings one after the other and evaluate after each.

    Args:
        evaluation: The encoder's evaluation, with its embeddings.
        transforms: Pairs of name and function, such as a debias transform or `int8`.
        first: Name of the stage before any transform.
    """
    if evaluation.queries is None or evaluation.passages is None:
        raise ValueError("stages of embeddings need the embeddings of an encoder's evaluation")
    task: RetrievalTask = evaluation.index.task
    stages = [Stage(name=first, results=evaluation.results)]
    queries, passages = evaluation.queries, evaluation.passages
    for name, transform in transforms:
        queries, passages = transform(queries, passages)
        system = System(
            kind="encoder",
            name=f"{evaluation.results.system.name} + {name}",
            fingerprint=evaluation.results.system.fingerprint,
            dimension=int(passages.shape[1]),
        )
        stages.append(
            Stage(
                name=name,
                results=evaluate_embeddings(task, queries=queries, passages=passages, system=system).results,
            )
        )
    return stages


def int8(queries: FloatArray, passages: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Round passages as scalar quantisation stores them: 256 steps over their range, clipped at the 99 % quantile.

    Args:
        queries: Embeddings, (queries, dimension), float32; returned unchanged.
        passages: Embeddings, (passages, dimension), float32.
    """
    edge = float(np.quantile(np.abs(passages), 0.99)) or 1.0
    step = edge / 127
    stored = np.clip(np.rint(passages / step), -127, 127) * step
    return queries, stored.astype(np.float32)
