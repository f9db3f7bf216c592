"""Evaluate a TREC run of any system: `searchapp eval run-file`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.evaluation.common import (
    Data,
    Languages,
    Measures,
    Mteb,
    Output,
    Outputs,
    Sample,
    Seed,
    Split,
    TaskChoice,
    TaskName,
    Trec,
    command_line,
)
from searchapp.cli.evaluation.systems import with_run
from searchapp.cli.output import AsJson


def run_file(
    run: Annotated[Path, typer.Argument(help="TREC run: qid, Q0, pid, rank, score, tag.")],
    task: TaskName,
    data: Data = None,
    language: Languages = None,
    split: Split = None,
    measure: Measures = None,
    sample: Sample = None,
    output: Output = None,
    trec: Trec = None,
    mteb: Mteb = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Evaluate a TREC run.

    `searchapp eval run-file bm25.trec --task beir --data scifact`
    """
    loaded = TaskChoice(task, data, language, split, measure, sample, seed).load()
    evaluation = with_run(loaded, run, measures=measure, command=command_line())
    Outputs(output, trec, mteb, as_json).write(evaluation)
