"""Evaluate the exact ranking of a task's whole pool by an encoder: `searchapp eval encoder`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.evaluation.common import Outputs, TaskChoice, command_line
from searchapp.cli.evaluation.systems import mixed_queries, with_encoder


def encoder(
    task: TaskChoice,
    outputs: Outputs,
    encoder: Annotated[
        str, typer.Option("--encoder", "-e", help="Name of a shipped encoder, a folder, or a Hub name.")
    ] = "builtin",
    debias: Annotated[
        Path | None,
        typer.Option(help="Debias the embeddings with this file (searchapp debias info COLLECTION --save FILE)."),
    ] = None,
    contexts: Annotated[bool, typer.Option(help="Encode passages with their context, as LAReQA does.")] = True,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Also ask mixed-language queries made of parallel ones.")
    ] = False,
    lexicon: Annotated[
        Path | None, typer.Option(help="Lexicon (synset, lang, lemma; Parquet or TSV) for code-switched queries.")
    ] = None,
    stages: Annotated[
        bool, typer.Option("--stages", help="Also attribute quality and bias to debiasing and quantisation.")
    ] = False,
    revision: Annotated[str | None, typer.Option(help="Revision of a Hub model.")] = None,
    backend: Annotated[str, typer.Option(help="auto, onnx, torch or openvino, for transformer encoders.")] = "auto",
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Let a Hub model run its own code. Read it first.")
    ] = False,
    device: Annotated[str | None, typer.Option(help="Such as cpu or cuda; default: chosen by torch.")] = None,
) -> None:
    """Evaluate an encoder by the exact ranking of the whole pool.

    `searchapp eval encoder --task xquad-r --encoder builtin --output results/encoder`
    """
    from searchapp.cli.output import errors
    from searchapp.cli.progress import progress_bar
    from searchapp.encoders.loading import load_encoder
    from searchapp.errors import ConfigurationError

    if debias is not None and mixed:
        raise ConfigurationError("--mixed asks queries without a transform; leave out --debias, or evaluate them apart")
    loaded = task.load()
    with ExitStack() as resources:
        progress = resources.enter_context(progress_bar(quiet=outputs.as_json or not errors.is_terminal))
        model = load_encoder(
            encoder, revision=revision, backend=backend, trust_remote_code=trust_remote_code, device=device
        )
        resources.callback(model.close)
        evaluation = with_encoder(
            loaded,
            model,
            contexts=contexts,
            debias=debias,
            stages=stages,
            kinds=mixed_queries(loaded, lexicon, places=task.places, seed=task.seed) if mixed else {},
            measures=task.measure,
            command=command_line(),
            progress=progress,
        )
    outputs.write(evaluation)
