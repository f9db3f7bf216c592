"""Evaluate encoders, collections and runs: the group `searchapp eval`."""

from __future__ import annotations

import typer

from searchapp.cli.evaluation.collection import collection
from searchapp.cli.evaluation.compare import compare
from searchapp.cli.evaluation.encoder import encoder
from searchapp.cli.evaluation.gate import GATE_FAILED, gate
from searchapp.cli.evaluation.report import report
from searchapp.cli.evaluation.run_file import run_file
from searchapp.cli.option_groups import with_groups

__all__ = ["GATE_FAILED", "app"]

app = typer.Typer(
    help="Measure quality and language bias of encoders and collections.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (encoder, collection, run_file, compare, report, gate):
    app.command()(with_groups(_command))
