"""Evaluate a debias transform as a stage after an encoder."""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.datatypes import FloatArray, Tell
from searchapp.debias.base import DebiasTransform
from searchapp.debias.queries import transform_mixed
from searchapp.evaluation.attribution import Transform
from searchapp.evaluation.evaluate import Evaluation, evaluate_embeddings
from searchapp.evaluation.results import System
from searchapp.evaluation.tasks.base import RetrievalTask


def debias_stage(task: RetrievalTask, transform: DebiasTransform) -> Transform:
    """Create the stage, which maps embeddings in the task's order. The languages of a mixed query have equal weights.

    Args:
        task: Queries and passages with their languages.
        transform: The fitted transform, applied to queries and passages.
    """

    def apply(queries: FloatArray, passages: FloatArray) -> tuple[FloatArray, FloatArray]:
        asked = [dict.fromkeys(query.languages, 1.0) for query in task.queries]
        return (
            transform_mixed(transform, queries, asked),
            transform.transform_passages(passages, [passage.language for passage in task.passages]),
        )

    return apply


def evaluate_debiased(
    evaluation: Evaluation,
    transform: DebiasTransform,
    *,
    measures: Sequence[str] | None = None,
    command: str = "",
    progress: Tell | None = None,
) -> Evaluation:
    """Evaluate an encoder's embeddings again after a debias transform.

    Args:
        evaluation: The encoder's evaluation, with its embeddings.
        transform: The fitted transform, applied to queries and passages.
        measures: Names, see `measures`; default: the task's own.
        command: The command line, recorded in the results.
        progress: Called with the progress in this thread, or None.
    """
    if evaluation.queries is None or evaluation.passages is None:
        raise ValueError("debiasing needs the embeddings of an encoder's evaluation")
    task, before = evaluation.index.task, evaluation.results.system
    queries, passages = debias_stage(task, transform)(evaluation.queries, evaluation.passages)
    return evaluate_embeddings(
        task,
        queries=queries,
        passages=passages,
        system=System(
            kind=before.kind,
            name=f"{before.name} + {transform.name}",
            fingerprint=before.fingerprint,
            dimension=before.dimension,
            settings={**before.settings, "debias": {"name": transform.name, **transform.settings}},
        ),
        measures=measures,
        command=command,
        progress=progress,
    )
