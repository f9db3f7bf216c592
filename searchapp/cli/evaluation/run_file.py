"""Evaluate a TREC run of any system: `searchapp eval run-file`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.evaluation.common import Outputs, TaskChoice, command_line
from searchapp.cli.evaluation.systems import with_run


def run_file(
    run: Annotated[Path, typer.Argument(help="TREC run: qid, Q0, pid, rank, score, tag.")],
    task: TaskChoice,
    outputs: Outputs,
) -> None:
    """Evaluate a TREC run.

    `searchapp eval run-file bm25.trec --task beir --data scifact`
    """
    evaluation = with_run(task.load(), run, measures=task.measure, command=command_line())
    outputs.write(evaluation)
