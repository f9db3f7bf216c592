"""Fine-tune an encoder as a configuration file describes: `searchapp train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searchapp.cli.output import AsJson, console, print_json, say, size
from searchapp.errors import MissingExtraError

if TYPE_CHECKING:
    from training.trainer.plan import Plan
    from training.trainer.prepared import TrainingReport


app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command()
def train(
    config: Annotated[Path, typer.Option(help="TOML or YAML file; see training/recipes.")],
    out: Annotated[Path | None, typer.Option(help="Run directory; default: the configuration's.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Remove an earlier run there first.")] = False,
    json: AsJson = False,
) -> None:
    """Train an encoder. An interrupted run resumes when the same command is run again.

    The run directory contains the configuration, the environment, metrics, checkpoints, and finally `model/`, which any
    sentence-transformers program can load, as can this one with `--encoder`.

    Examples:
        searchapp train --config training/recipes/labse-hybrid.toml --dry-run

        searchapp train --config training/recipes/labse-hybrid.toml --out runs/labse

        torchrun --nproc-per-node 2 -m training --config training/recipes/labse-hybrid.toml
    """
    from searchapp.cli.progress import progress_bar
    from training.config import TrainingConfig

    # Report mistakes in the file at once: the following code imports torch.
    settings = TrainingConfig.load(config)
    try:
        from training.trainer.training import prepare
        from training.trainer.training import train as run
    except ImportError as error:
        raise MissingExtraError(feature="training", extra="train") from error

    folder = out or Path(settings.out)
    with progress_bar(quiet=json) as tell:
        prepared = prepare(settings, run=None if restart else folder, tell=tell)
    if dry_run:
        if json:
            print_json(prepared.plan.to_json())
        else:
            _show_plan(prepared.plan)
        return
    with progress_bar(quiet=json) as tell:
        report = run(prepared, folder, restart=restart, tell=tell)
    if json:
        print_json(report.to_json())
    else:
        _show_report(report)


def _show_plan(plan: Plan) -> None:
    from rich.table import Table

    console.print(
        f"{plan.steps:,} steps of {plan.batch} pairs × {plan.processes} process(es), {plan.steps_per_epoch:,} an epoch; "
        f"{plan.parameters:,} parameters, about {size(plan.memory_bytes)} of memory"
    )
    console.print(f"{plan.held_out_rows:,} rows held out for validation, {plan.dropped_rows:,} left out as overlapping")
    table = Table(box=None)
    for name in ("dataset", "rows", "batches an epoch"):
        table.add_column(name, justify="left" if name == "dataset" else "right")
    for key, rows in plan.rows.items():
        table.add_row(key, f"{rows:,}", f"{plan.batches.get(key, 0.0):,.2f}")
    console.print(table)
    for note in plan.notes:
        console.print(note)


def _show_report(report: TrainingReport) -> None:
    say("[green]✓[/] {r.steps:,} steps in {r.seconds:,.0f} s; the model is:", r=report)
    console.print(f"  {report.model}", soft_wrap=True)
    if report.best:
        told = ", ".join(
            f"{name.replace('_', ' ')} {report.before[name]:,.3f} → {value:,.3f}"
            if name in report.before
            else f"{name.replace('_', ' ')} {value:,.3f}"
            for name, value in report.best.items()
        )
        console.print(f"  held-out: {told}")
    console.print("  try it: searchapp index build SOURCE --encoder ", end="")
    console.print(report.model, soft_wrap=True)
