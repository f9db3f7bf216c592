"""Options that the evaluating commands share: the task and the outputs."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searchapp.cli.evaluation.results import export, show
from searchapp.cli.output import AsJson

if TYPE_CHECKING:
    from searchapp.evaluation.evaluate import Evaluation
    from searchapp.evaluation.tasks.base import RetrievalTask

DATA_VARIABLE = "SEARCHAPP_DATA"

TaskName = Annotated[
    str, typer.Option("--task", "-t", help="xquad-r, mlqa-r, lareqa, beir, miracl, mr-tydi, bitext, qrels.")
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the task's files; default: the task's name in $SEARCHAPP_DATA, data or ../shared/data."
    ),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", help="Language of a task that needs it (MIRACL: sw; bitext: deu-eng); repeatable."),
]
Split = Annotated[str | None, typer.Option(help="Split of BEIR, MIRACL, Mr.TyDi.")]
Measures = Annotated[
    list[str] | None,
    typer.Option("--measure", help="Measures, the main one first; default: the task's; repeatable."),
]
Sample = Annotated[int | None, typer.Option(help="Evaluate only this many queries, in whole groups of translations.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Folder for results.json and queries.npz.")]
Trec = Annotated[Path | None, typer.Option(help="Write a TREC run (and FILE.qrels).")]
Mteb = Annotated[Path | None, typer.Option(help="Write an MTEB-style result JSON.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChoice:
    """The queries to evaluate and what to measure; each field is an option of the command line.

    Attributes:
        task: Name of the task.
        data: Folder of its files; None to look in the usual places.
        language: Languages of a task that needs them.
        split: Split of a task that has several.
        measure: Names of the measures; None for the task's own.
        sample: Number of queries; None for all.
        seed: Seed of everything random.
    """

    task: TaskName
    data: Data = None
    language: Languages = None
    split: Split = None
    measure: Measures = None
    sample: Sample = None
    seed: Seed = 0

    @property
    def places(self) -> list[Path]:
        """Return the folders in which to look for data."""
        from searchapp.evaluation.tasks.loading import PLACES

        named = os.environ.get(DATA_VARIABLE)
        return [*([Path(named)] if named else []), *PLACES]

    def load(self) -> RetrievalTask:
        """Read the task, or a sample of its queries."""
        from searchapp.evaluation.tasks.loading import load_task
        from searchapp.evaluation.tasks.sampling import sample_queries

        task = load_task(self.task, self.data, languages=self.language or (), split=self.split, places=self.places)
        return task if self.sample is None else sample_queries(task, self.sample, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where to write results besides the terminal; each field is an option of the command line.

    Attributes:
        output: Folder for results.json and queries.npz.
        trec: File for a TREC run.
        mteb: File for an MTEB-style result.
        as_json: Print JSON instead of tables.
    """

    output: Output = None
    trec: Trec = None
    mteb: Mteb = None
    as_json: AsJson = False

    def write(self, evaluation: Evaluation) -> None:
        """Write and print an evaluation.

        Args:
            evaluation: Results and the data they were computed from.
        """
        from searchapp.cli.output import print_json
        from searchapp.evaluation.results import save_results

        if self.output is not None:
            save_results(evaluation.results, self.output, per_query=evaluation.per_query)
        export(evaluation, trec=self.trec, mteb=self.mteb)
        if self.as_json:
            print_json(json.loads(evaluation.results.to_json()))
        else:
            show(evaluation.results)


def command_line() -> str:
    """Return the command as typed, for the record in the results."""
    return shlex.join(["searchapp", *sys.argv[1:]])
