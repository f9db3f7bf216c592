"""`searchapp eval`: run, compare, report, gate."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searchapp.cli.ranking import Rank, read_ranking, require_debias

if TYPE_CHECKING:
    from searchapp.client import SearchClient
    from searchapp.encoders.base import Encoder
    from searchapp.evaluation.evaluate import Evaluation, Progress
    from searchapp.evaluation.results import Results
    from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery
    from searchapp.options import Ranking

GATE_FAILED = 10
"""Exit code of a gate that found the candidate worse than allowed."""

app = typer.Typer(
    help="Measure quality and language bias of encoders and collections.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DATA_VARIABLE = "SEARCHAPP_DATA"


@app.command()
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
    backend: Annotated[str, typer.Option(help="torch, onnx or openvino, for sentence-transformers models.")] = "torch",
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
    from searchapp.cli.output import print_json
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
        progress = resources.enter_context(_progress(quiet=as_json))
        if run_file is not None:
            evaluation = _evaluate_run(loaded, run_file, measures=measure, command=command)
        elif collection is not None:
            client = resources.enter_context(_client(collection, home=home, url=url))
            evaluation = _evaluate_collection(
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
            kinds = _mixed_queries(loaded, lexicon, places=places, seed=seed) if mixed else {}
            evaluation = _evaluate_encoder(
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
    _export(evaluation, trec=trec, mteb=mteb)
    if as_json:
        print_json(json.loads(evaluation.results.to_json()))
    else:
        _show(evaluation.results)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="results.json of A, or its folder.")],
    second: Annotated[Path, typer.Argument(help="results.json of B, or its folder.")],
    measure: Annotated[
        list[str] | None,
        typer.Option(
            help="Such as 'Mul mAP', 'Cr nDCG@10', 'rank distance', LPR; default: the main one and rank distance."
        ),
    ] = None,
    method: Annotated[str, typer.Option(help="randomisation or bootstrap.")] = "randomisation",
    samples: Annotated[int, typer.Option(min=100, help="Random draws.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Test whether B differs from A: paired, per query language, corrected after Holm.

    `searchapp eval compare results/a results/b`
    """
    from searchapp.cli.output import console, print_json
    from searchapp.errors import ConfigurationError
    from searchapp.evaluation.biases import RANK_DISTANCE
    from searchapp.evaluation.report.tables import comparison_table, system_name
    from searchapp.evaluation.report.terminal import rich_table
    from searchapp.evaluation.results import load_per_query, load_results
    from searchapp.evaluation.significance import compare as test

    if method not in ("randomisation", "bootstrap"):
        raise ConfigurationError(f"unknown method {method!r}; use randomisation or bootstrap")
    results = [load_results(path) for path in (first, second)]
    if results[0].task.digest != results[1].task.digest:
        raise ConfigurationError(
            f"A was evaluated on {results[0].task.name} ({results[0].task.digest}), B on {results[1].task.name} "
            f"({results[1].task.digest}): evaluate both on the same data"
        )
    values = [load_per_query(path) for path in (first, second)]
    if measure is None:
        main = [f"{results[0].main[0]} {results[0].task.main_measure}"] if results[0].main else []
        measure = main + [name for name in (RANK_DISTANCE,) if all(name in side.values for side in values)]
    found = {
        name: test(values[0], values[1], measure=name, method="bootstrap" if method == "bootstrap" else "randomisation",
                   samples=samples, seed=seed)
        for name in measure
    }  # fmt: skip
    if as_json:
        rows = {name: [asdict(row) | {"difference": row.difference} for row in table] for name, table in found.items()}
        print_json({"A": system_name(results[0]), "B": system_name(results[1]), "method": method, "measures": rows})
        return
    console.print(f"A: {system_name(results[0])}\nB: {system_name(results[1])}", markup=False, highlight=False)
    for table in found.values():
        console.print(rich_table(comparison_table(table)))


@app.command()
def report(
    results: Annotated[list[Path], typer.Argument(help="results.json files or their folders, of one task.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path("report"),
    as_json: AsJson = False,
) -> None:
    """Write report.html (one file, with plots), report.md and report.json.

    `searchapp eval report results/builtin results/minilm --output report`
    """
    from searchapp.cli.output import console, print_json
    from searchapp.errors import ConfigurationError
    from searchapp.evaluation.report.markdown import markdown_report
    from searchapp.evaluation.report.page import html_report
    from searchapp.evaluation.results import load_results

    loaded = [load_results(path) for path in results]
    if len({item.task.digest for item in loaded}) > 1:
        names = ", ".join(f"{item.task.name} ({item.task.digest})" for item in loaded)
        raise ConfigurationError(f"one report is of one task, these are of {names}")
    output.mkdir(parents=True, exist_ok=True)
    files = {
        "report.html": html_report(loaded),
        "report.md": markdown_report(loaded),
        "report.json": json.dumps([json.loads(item.to_json()) for item in loaded], ensure_ascii=False, indent=1) + "\n",
    }
    for name, text in files.items():
        (output / name).write_text(text, encoding="utf-8")
    if as_json:
        print_json({"files": [str(output / name) for name in files]})
    else:
        console.print("\n".join(str(output / name) for name in files), markup=False, highlight=False)


@app.command()
def gate(
    candidate: Annotated[Path, typer.Argument(help="results.json to check, or its folder.")],
    baseline: Annotated[Path, typer.Option(help="results.json to compare with, or its folder.")],
    max_map_drop: Annotated[
        float | None, typer.Option(help="Allowed fall of the main measure (0.01 is a point).")
    ] = None,
    max_language_map_drop: Annotated[float | None, typer.Option(help="The same, in any one query language.")] = None,
    max_rank_distance_rise: Annotated[float | None, typer.Option(help="Allowed rise of the rank distance.")] = None,
    max_lpr_rise: Annotated[float | None, typer.Option(help="Allowed rise of LPR.")] = None,
    max_lift_rise: Annotated[float | None, typer.Option(help="Allowed rise of the own language's lift.")] = None,
    as_json: AsJson = False,
) -> None:
    """Exit with code 10 when the candidate is worse than the baseline by more than is allowed.

    `searchapp eval gate results/new --baseline results/main --max-map-drop 0.005 --max-rank-distance-rise 5`
    """
    from searchapp.cli.output import console, errors, print_json
    from searchapp.evaluation.gate import Limits, check_gate
    from searchapp.evaluation.results import load_results

    limits = Limits(
        map_drop=max_map_drop,
        language_map_drop=max_language_map_drop,
        rank_distance_rise=max_rank_distance_rise,
        preference_rise=max_lpr_rise,
        lift_rise=max_lift_rise,
    )
    checks = check_gate(load_results(candidate), load_results(baseline), limits)
    failed = [check for check in checks if not check.passed]
    if as_json:
        rows = [
            {
                "name": check.name,
                "baseline": check.baseline,
                "candidate": check.candidate,
                "worsening": check.worsening,
                "limit": check.limit,
                "passed": check.passed,
            }
            for check in checks
        ]
        print_json({"passed": not failed, "checks": rows})
    else:
        for check in checks:
            where = console if check.passed else errors
            where.print(
                f"{'passed' if check.passed else 'FAILED'}  {check}", markup=False, highlight=False, soft_wrap=True
            )
    if failed:
        raise typer.Exit(GATE_FAILED)


def _evaluate_run(task: RetrievalTask, path: Path, *, measures: list[str] | None, command: str) -> Evaluation:
    from searchapp.evaluation.served import evaluate_run
    from searchapp.evaluation.trec import read_run

    return evaluate_run(task, read_run(path), name=str(path), measures=measures, command=command)


def _client(collection: str, *, home: Path | None, url: str | None) -> SearchClient:
    from searchapp.cli.output import open_client

    return open_client(collection, home, url)


def _evaluate_collection(
    task: RetrievalTask,
    client: SearchClient,
    *,
    mode: str,
    ranking: Ranking,
    limit: int,
    stages: bool,
    measures: list[str] | None,
    command: str,
    progress: Progress | None,
) -> Evaluation:
    from searchapp.encoders.loading import load_encoder
    from searchapp.evaluation.served import Configured, collection_stages, evaluate_searcher
    from searchapp.options import Ranking

    require_debias(ranking, client.manifest())
    changed = [f"{key}={value}" for key, value in asdict(ranking).items() if value != getattr(Ranking(), key)]
    name = f"{client.collection} ({', '.join([mode, *changed])})"
    evaluation = evaluate_searcher(
        task,
        Configured(client, mode, ranking),
        name=name,
        limit=limit,
        measures=measures,
        command=command,
        progress=progress,
    )
    if not stages:
        return evaluation
    chosen = client.manifest().debias.get("default", False) if ranking.debias is None else ranking.debias
    ranking = replace(ranking, debias=bool(chosen))
    model = load_encoder(client.manifest().encoder)
    try:
        rows = collection_stages(
            task, client, model, ranking=ranking, limit=limit, measures=measures, progress=progress
        )
    finally:
        model.close()
    return replace(evaluation, results=replace(evaluation.results, stages=rows))


def _evaluate_encoder(
    task: RetrievalTask,
    encoder: Encoder,
    *,
    contexts: bool,
    debias: Path | None,
    stages: bool,
    kinds: Mapping[str, Sequence[TaskQuery]],
    measures: list[str] | None,
    command: str,
    progress: Progress | None,
) -> Evaluation:
    from searchapp.debias.loading import from_bytes
    from searchapp.evaluation.attribution import Transform, embedding_stages, int8, summary
    from searchapp.evaluation.debiasing import debias_stage, evaluate_debiased
    from searchapp.evaluation.evaluate import evaluate_encoder
    from searchapp.evaluation.robustness import evaluate_robustness

    evaluation = evaluate_encoder(
        task, encoder, contexts=contexts, measures=measures, command=command, progress=progress
    )
    transforms: list[tuple[str, Transform]] = []
    if debias is not None:
        transform = from_bytes(_contents(debias), origin=str(debias))
        transforms.append((f"debias ({transform.name})", debias_stage(task, transform)))
    first = evaluation
    if debias is not None:
        evaluation = evaluate_debiased(evaluation, transform, measures=measures, command=command, progress=progress)
    results = evaluation.results
    if stages:
        found = embedding_stages(first, [*transforms, ("int8 quantisation", int8)])
        results = replace(results, stages={stage.name: summary(stage.results) for stage in found})
    if kinds:
        results = replace(results, robustness=evaluate_robustness(evaluation, encoder, kinds, progress=progress))
    return replace(evaluation, results=results)


def _contents(path: Path) -> bytes:
    from searchapp.errors import InputError

    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a transform's file", path=path) from error


def _mixed_queries(
    task: RetrievalTask, lexicon: Path | None, *, places: Sequence[Path], seed: int
) -> dict[str, Sequence[TaskQuery]]:
    from searchapp.errors import InputError
    from searchapp.evaluation.tasks.code_switching import Lexicon, code_switched_queries
    from searchapp.evaluation.tasks.mixed import spliced_queries

    kinds: dict[str, Sequence[TaskQuery]] = {
        f"spliced, {parts} languages": spliced_queries(task, parts=parts, seed=seed) for parts in (2, 3)
    }
    path = lexicon or _lexicon(places)
    if path is not None:
        try:
            words = Lexicon.read(path, languages=set(task.query_languages))
            for probability in (0.5, 1.0):
                name = f"code-switched, p = {probability:g}"
                kinds[name] = code_switched_queries(task, words, probability=probability, seed=seed)
        except InputError:
            if lexicon is not None:  # one that merely lies there may lack the task's languages
                raise
    return kinds


def _lexicon(places: Sequence[Path]) -> Path | None:
    return next((place / "lexicon.parquet" for place in places if (place / "lexicon.parquet").is_file()), None)


def _data_variable() -> list[Path]:
    return [Path(os.environ[DATA_VARIABLE])] if os.environ.get(DATA_VARIABLE) else []


def _export(evaluation: Evaluation, *, trec: Path | None, mteb: Path | None) -> None:
    if trec is not None:
        from searchapp.evaluation.trec import write_qrels, write_run

        write_run(trec, evaluation)
        write_qrels(trec.with_name(trec.name + ".qrels"), evaluation.index.task)
    if mteb is not None:
        from searchapp.evaluation.mteb_results import write_mteb_result

        write_mteb_result(mteb, evaluation.results)


def _show(results: Results) -> None:
    from searchapp.cli.output import console
    from searchapp.evaluation.report.tables import language_table, robustness_table, stage_table, system_name
    from searchapp.evaluation.report.terminal import rich_table

    seconds = sum(results.timings.values())
    console.print(
        f"{system_name(results)} on {results.task.name}: {results.task.queries:,} queries, "
        f"{results.task.passages:,} passages, {seconds:.1f} s",
        markup=False,
        highlight=False,
    )
    for table in (language_table(results), robustness_table(results.robustness), stage_table(results.stages)):
        if table.rows:
            console.print(rich_table(table))


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    from searchapp.cli.output import errors

    if quiet or not errors.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    with Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    ) as bars:
        rows: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in rows:
                rows[stage] = bars.add_task(stage, total=total)
            bars.update(rows[stage], completed=done, total=total)

        yield tell
