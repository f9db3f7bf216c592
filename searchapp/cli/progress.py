"""The progress bar of a build: stage, share of the source, rate, time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from searchapp.cli.output import errors

if TYPE_CHECKING:
    from index_builder.report import Progress

STAGES = {
    "digest": "reading",
    "fit": "fitting",
    "resume": "resuming",
    "index": "indexing",
    "debias": "debiasing",
    "optimize": "optimising",
    "validate": "validating",
    "swap": "going live",
}


@contextmanager
def build_progress(*, quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Draw on standard error; nothing when `quiet`."""
    if quiet:
        yield None
        return
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    with Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[passages]:,} passages"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        console=errors,
    ) as bars:
        task = bars.add_task("reading", total=None, passages=0, rate=0.0)

        def tell(state: Progress) -> None:
            elapsed = bars.tasks[0].elapsed or 0.0
            bars.update(
                task,
                description=STAGES[state.stage],
                total=None if state.fraction is None else 1.0,
                completed=state.fraction or 0.0,
                passages=state.passages,
                rate=state.passages / elapsed if elapsed else 0.0,
            )

        yield tell
