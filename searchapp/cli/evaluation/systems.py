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
    """Measure a TREC run."""
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
    """Search a collection with the task's queries, and its stages one by one when asked for."""
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
    """Rank exactly by an encoder's embeddings, debiased by the transform in a file if one is given."""
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


def mixed_queries(
    task: RetrievalTask, lexicon: Path | None, *, places: Sequence[Path], seed: int
) -> dict[str, Sequence[TaskQuery]]:
    """Create queries in several languages by kind: spliced ones, and code-switched ones if there is a lexicon."""
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
