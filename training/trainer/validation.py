"""Measure a checkpoint on held-out rows: retrieval among all held-out passages, with its language bias."""

from __future__ import annotations

import random
from typing import Any

from datasets import Dataset
from sentence_transformers.base.evaluation import BaseEvaluator

from searchapp.encoders.transformer import TransformerEncoder
from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.results import MEAN, Results
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from training.columns import ANCHOR, GROUP, PASSAGE_LANGUAGE, POSITIVE, QUERY_LANGUAGE
from training.datasets.row_dataset import column_of


def held_out_task(rows: Dataset, *, queries: int, seed: int) -> RetrievalTask:
    """Create a task from held-out pairs: a query's golds are the passages of its group in all languages.

    Args:
        rows: Held-out training rows.
        queries: Maximum number of queries; groups are kept whole, so that bias measures stay defined.
        seed: Seed of the choice.
    """
    passages: dict[tuple[str, str, str], TaskPassage] = {}
    golds: dict[str, dict[str, int]] = {}
    asked: dict[str, dict[tuple[str, str], TaskQuery]] = {}
    columns = (ANCHOR, POSITIVE, GROUP, QUERY_LANGUAGE, PASSAGE_LANGUAGE)
    for query, passage, group, query_language, language in zip(
        *(column_of(rows, name) for name in columns), strict=True
    ):
        key = (group, language, passage)
        if key not in passages:
            pid = f"p{len(passages)}"
            passages[key] = TaskPassage(id=pid, text=passage, language=language)
            golds.setdefault(group, {})[pid] = 1
        of_group = asked.setdefault(group, {})
        place = (query_language, query)
        if place not in of_group:
            of_group[place] = TaskQuery(
                id=f"{group} {len(of_group)}", text=query, languages=(query_language,), group=group
            )
    chosen: list[TaskQuery] = []
    groups = sorted(asked)
    random.Random(seed).shuffle(groups)  # noqa: S311
    for group in groups:
        if len(chosen) >= queries:
            break
        chosen += asked[group].values()
    return RetrievalTask(
        name="held-out rows",
        queries=tuple(chosen),
        passages=tuple(passages.values()),
        qrels={query.id: golds[query.group] for query in chosen},
        measures=("mAP",),
    )


class HeldOutEvaluator(BaseEvaluator):  # type: ignore[misc]
    """Measures Mul, Mo and Cr mAP and rank distance on a held-out task, and keeps the results for the model card."""

    def __init__(self, task: RetrievalTask) -> None:
        super().__init__()
        self.task = task
        self.results: Results | None = None
        self.primary_metric = "mAP"

    def __call__(
        self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1
    ) -> dict[str, float]:
        """Evaluate a model."""
        self.results = evaluate_encoder(self.task, TransformerEncoder(model, name="in training")).results
        return summary(self.results)


def summary(results: Results) -> dict[str, float]:
    """Return the figures to log; `mAP` is the main measure in the widest available setting.

    Args:
        results: Results of an evaluation on held-out rows.
    """
    main = results.main
    found = {"mAP": main[1]} if main else {}
    for setting in ("Mo", "Cr"):
        value = results.figure(setting, "mAP")
        if value is not None and len(results.figures) > 1:
            found[f"{setting} mAP"] = value
    for name in (RANK_DISTANCE, LPR):
        if name in results.bias:
            found[name.replace(" ", "_")] = results.bias[name][MEAN]
    return found
