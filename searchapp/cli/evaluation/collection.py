"""Evaluate a collection with a task's queries: `searchapp eval collection`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.evaluation.common import Outputs, TaskChoice, command_line
from searchapp.cli.evaluation.systems import with_collection
from searchapp.cli.ranking import Rank, read_ranking


def collection(
    task: TaskChoice,
    outputs: Outputs,
    collection: Annotated[str, typer.Option("--collection", "-c", help="Name of the collection.")],
    home: Annotated[Path | None, typer.Option(help="Folder of embedded collections.")] = None,
    url: Annotated[str | None, typer.Option(help="Qdrant server of the collection.")] = None,
    mode: Annotated[str, typer.Option(help="How to search: dense, lexical, hybrid.")] = "hybrid",
    rank: Rank = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Hits to ask for.")] = 100,
    stages: Annotated[
        bool, typer.Option("--stages", help="Also attribute quality and bias to the stages of the pipeline.")
    ] = False,
) -> None:
    """Evaluate a served collection: search, fusion, debiasing and ranking together.

    `searchapp eval collection --task beir --data scifact --collection scifact --mode hybrid`
    """
    from searchapp.cli.output import errors, open_client
    from searchapp.cli.progress import progress_bar

    loaded = task.load()
    with ExitStack() as resources:
        progress = resources.enter_context(progress_bar(quiet=outputs.as_json or not errors.is_terminal))
        client = resources.enter_context(open_client(collection, home, url))
        evaluation = with_collection(
            loaded,
            client,
            mode=mode,
            ranking=read_ranking(rank),
            limit=limit,
            stages=stages,
            measures=task.measure,
            command=command_line(),
            progress=progress,
        )
    outputs.write(evaluation)
