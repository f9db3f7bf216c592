"""Show the progress of long tasks: stage, share done, counts, rate and remaining time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from searchapp.cli.output import errors
from searchapp.datatypes import Progress, Tell


@contextmanager
def progress_bar(*, quiet: bool, rate_of: str = "") -> Iterator[Tell | None]:
    """Draw a progress bar on standard error while the block runs.

    Args:
        quiet: Draw nothing.
        rate_of: Name of the count whose rate per second is shown; none by default.

    Yields:
        A function that receives the progress; None if quiet.
    """
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
        TextColumn("{task.fields[detail]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        console=errors,
    ) as bars:
        task = bars.add_task("starting", total=None, detail="")

        def tell(state: Progress) -> None:
            elapsed = bars.tasks[0].elapsed or 0.0
            rate = f", {state.counts[rate_of] / elapsed:,.0f}/s" if elapsed and rate_of in state.counts else ""
            bars.update(
                task,
                description=state.stage,
                total=None if state.fraction is None else 1.0,
                completed=state.fraction or 0.0,
                detail=state.detail + rate,
            )

        yield tell
