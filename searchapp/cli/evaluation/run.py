"""`searchapp eval run`: one system on one task."""

from __future__ import annotations

import json
import os
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.evaluation.results import export, show
from searchapp.cli.evaluation.systems import mixed_queries, with_collection, with_encoder, with_run
from searchapp.cli.output import AsJson
from searchapp.cli.ranking import Rank, read_ranking

DATA_VARIABLE = "SEARCHAPP_DATA"


def run(
    task: Annotated[
        str, typer.Option("--task", "-t", help="xquad-r, mlqa-r, lareqa, beir, miracl, mr-tydi, bitext, qrels.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the task's files; default: the task's name in $SEARCHAPP_DATA, data or ../shared/data."
        ),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option("--encoder", "-e", help="builtin (the default), a folder, or a Hub name.")
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Evaluate a served collection instead of an encoder.")
    ] = None,
    run_file: Annotated[Path | None, typer.Option("--run", help="Evaluate a TREC run instead of an encoder.")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder of embedded collections.")] = None,
    url: Annotated[str | None, typer.Option(help="Qdrant server of the collection.")] = None,
    mode: Annotated[str, typer.Option(help="How to search the collection: dense, lexical, hybrid.")] = "hybrid",
    rank: Rank = None,
    debias: Annotated[
        Path | None,
        typer.Option(
            help="Debias an encoder's embeddings with this file (searchapp debias info COLLECTION --save FILE)."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Hits to ask a collection for.")] = 100,
    language: Annotated[
        list[str] | None,
        typer.Option(help="Language of a task that needs it (MIRACL: sw; bitext: deu-eng); repeatable."),
    ] = None,
    split: Annotated[str | None, typer.Option(help="Split of BEIR, MIRACL, Mr.TyDi.")] = None,
    measure: Annotated[
        list[str] | None, typer.Option(help="Measures, the main one first; default: the task's; repeatable.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(help="Ask about so many queries only, whole groups of translations.")
    ] = None,
    contexts: Annotated[bool, typer.Option(help="Encode passages with their context, as LAReQA does.")] = True,
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Also ask mixed-language queries made of parallel ones.")
    ] = False,
    lexicon: Annotated[
        Path | None, typer.Option(help="Lexicon (synset, lang, lemma; Parquet or TSV) for code-switched queries.")
    ] = None,
    stages: Annotated[
        bool, typer.Option("--stages", help="Also attribute quality and bias to the stages of the pipeline.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for results.json and queries.npz.")
    ] = None,
    trec: Annotated[Path | None, typer.Option(help="Write a TREC run (and FILE.qrels).")] = None,
    mteb: Annotated[Path | None, typer.Option(help="Write an MTEB-style result JSON.")] = None,
    revision: Annotated[str | None, typer.Option(help="Revision of a Hub model.")] = None,
    backend: Annotated[
        str, typer.Option(help="auto, onnx, torch or openvino, for sentence-transformers models.")
    ] = "auto",
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Let a Hub model run its own code. Read it first.")
    ] = False,
    device: Annotated[str | None, typer.Option(help="Such as cpu or cuda; default: chosen by torch.")] = None,
    seed: Annotated[int, typer.Option(help="Of the sample and the mixed-language queries.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Evaluate an encoder, a collection or a run.

    `searchapp eval run --task xquad-r --encoder builtin --output results/builtin`

    `searchapp eval run --task beir --data scifact --collection scifact --mode hybrid`
    """
    from searchapp.cli.output import errors, open_client, print_json
    from searchapp.cli.progress import progress_bar
    from searchapp.errors import ConfigurationError
    from searchapp.evaluation.results import save_results
    from searchapp.evaluation.tasks.loading import PLACES, load_task
    from searchapp.evaluation.tasks.sampling import sample_queries

    if sum(value is not None for value in (encoder, collection, run_file)) > 1:
        raise ConfigurationError("give one of --encoder, --collection and --run")
    if mixed and (collection is not None or run_file is not None):
        raise ConfigurationError("--mixed evaluates encoders; leave out --collection or --run")
    if debias is not None and (collection is not None or run_file is not None):
        raise ConfigurationError(
            "--debias is for encoders; a collection has a transform of its own: --rank debias=true"
        )
    if debias is not None and mixed:
        raise ConfigurationError("--mixed asks queries without a transform; leave out --debias, or evaluate them apart")
    places = [*_data_variable(), *PLACES]
    loaded = load_task(task, data, languages=language or (), split=split, places=places)
    if sample is not None:
        loaded = sample_queries(loaded, sample, seed=seed)
    command = shlex.join(["searchapp", *sys.argv[1:]])
    with ExitStack() as resources:
        progress = resources.enter_context(progress_bar(quiet=as_json or not errors.is_terminal))
        if run_file is not None:
            evaluation = with_run(loaded, run_file, measures=measure, command=command)
        elif collection is not None:
            client = resources.enter_context(open_client(collection, home, url))
            evaluation = with_collection(
                loaded,
                client,
                mode=mode,
                ranking=read_ranking(rank),
                limit=limit,
                stages=stages,
                measures=measure,
                command=command,
                progress=progress,
            )
        else:
            from searchapp.encoders.loading import load_encoder

            model = load_encoder(
                encoder or "builtin",
                revision=revision,
                backend=backend,
                trust_remote_code=trust_remote_code,
                device=device,
            )
            resources.callback(model.close)
            kinds = mixed_queries(loaded, lexicon, places=places, seed=seed) if mixed else {}
            evaluation = with_encoder(
                loaded,
                model,
                contexts=contexts,
                debias=debias,
                stages=stages,
                kinds=kinds,
                measures=measure,
                command=command,
                progress=progress,
            )
    if output is not None:
        save_results(evaluation.results, output, per_query=evaluation.per_query)
    export(evaluation, trec=trec, mteb=mteb)
    if as_json:
        print_json(json.loads(evaluation.results.to_json()))
    else:
        show(evaluation.results)


def _data_variable() -> list[Path]:
    return [Path(os.environ[DATA_VARIABLE])] if os.environ.get(DATA_VARIABLE) else []
