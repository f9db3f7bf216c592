"""Open, query and measure the evaluated system: an encoder, a collection or a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from searchapp.cli.ranking import require_debias

if TYPE_CHECKING:
    from searchapp.client import SearchClient
    from searchapp.datatypes import Tell
    from searchapp.encoders.base import Encoder
    from searchapp.evaluation.evaluate import Evaluation
    from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery
    from searchapp.options import Ranking


def with_run(task: RetrievalTask, path: Path, *, measures: list[str] | None, command: str) -> Evaluation:
    """Measure a TREC run.

    Args:
        task: Queries, passages and judgements.
        path: TREC run of the task's queries.
        measures: Names, see `measures`; None for the task's own.
        command: The command line, recorded in the results.
    """
    from searchapp.evaluation.served import evaluate_run
    from searchapp.evaluation.trec import read_run

    return evaluate_run(task, read_run(path), name=str(path), measures=measures, command=command)


def with_collection(
    task: RetrievalTask,
    client: SearchClient,
    *,
    mode: str,
    ranking: Ranking,
    limit: int,
    stages: bool,
    measures: list[str] | None,
    command: str,
    progress: Tell | None,
) -> Evaluation:
    """Search a collection with the task's queries and measure the result, and its stages one by one if requested.

    Args:
        task: Queries, passages and judgements.
        client: Client of the collection that holds the task's passages; the caller closes it.
        mode: `dense`, `lexical` or `hybrid`.
        ranking: Options for ranking the candidates.
        limit: Number of hits per query.
        stages: Also attribute quality and bias to the stages of the pipeline.
        measures: Names, see `measures`; None for the task's own.
        command: The command line, recorded in the results.
        progress: Called with the progress in this thread, or None.

    Raises:
        ConfigurationError: The mode is unknown, or a debiased search is requested of a collection without a transform.
    """
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
    if ranking.debias is None:
        ranking = replace(ranking, debias=client.manifest().debiased_by_default)
    model = load_encoder(client.manifest().encoder)
    try:
        rows = collection_stages(
            task, client, model, ranking=ranking, limit=limit, measures=measures, progress=progress
        )
    finally:
        model.close()
    return replace(evaluation, results=replace(evaluation.results, stages=rows))


def with_encoder(
    task: RetrievalTask,
    encoder: Encoder,
    *,
    contexts: bool,
    debias: Path | None,
    stages: bool,
    kinds: Mapping[str, Sequence[TaskQuery]],
    measures: list[str] | None,
    command: str,
    progress: Tell | None,
) -> Evaluation:
    """Rank exactly by an encoder's embeddings, debiased by the transform in a file if one is given.

    Args:
        task: Queries, passages and judgements.
        encoder: Embeds the queries and passages; the caller closes it.
        contexts: Encode each passage together with its context, as LAReQA does.
        debias: File of a fitted debias transform; None to keep the embeddings as they are.
        stages: Also attribute quality and bias to debiasing and quantisation.
        kinds: Kind of mixed-language query -> queries of that kind; empty to ask none.
        measures: Names, see `measures`; None for the task's own.
        command: The command line, recorded in the results.
        progress: Called with the progress in this thread, or None.
    """
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
        transform = from_bytes(_contents(debias), origin=str(debias), dimension=encoder.dimension)
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


def mixed_queries(
    task: RetrievalTask, lexicon: Path | None, *, places: Sequence[Path], seed: int
) -> dict[str, Sequence[TaskQuery]]:
    """Create queries in several languages by kind: spliced ones, and code-switched ones if there is a lexicon.

    Args:
        task: A task with parallel queries (equal `group`).
        lexicon: Lexicon, Parquet or TSV; None to look for one in `places`.
        places: Folders that may contain a `lexicon.parquet`, used if `lexicon` is None.
        seed: Seed of the random choice of languages and words.

    Returns:
        Kind of query -> queries of that kind.

    Raises:
        InputError: The task has no parallel queries, or the given lexicon lacks the task's languages.
    """
    from searchapp.errors import InputError
    from searchapp.evaluation.tasks.code_switching import code_switched_queries
    from searchapp.evaluation.tasks.mixed import spliced_queries
    from searchapp.text.lexicon import Lexicon

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
            if lexicon is not None:  # a lexicon found by chance may lack the task's languages
                raise
    return kinds


def _lexicon(places: Sequence[Path]) -> Path | None:
    return next((place / "lexicon.parquet" for place in places if (place / "lexicon.parquet").is_file()), None)
