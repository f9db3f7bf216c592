"""Evaluate an encoder, its embeddings, or any search system."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from searchapp.datatypes import FloatArray, Progress, Tell
from searchapp.encoders.base import Encoder
from searchapp.errors import InputError
from searchapp.evaluation.biases import BIAS_CUT, Bias, bias, geometry
from searchapp.evaluation.figures import Groups, quality
from searchapp.evaluation.indexing import IntArray, TaskIndex
from searchapp.evaluation.results import PerQuery, Results, System, TaskSummary, environment, now
from searchapp.evaluation.scorer import Ranking, rank_pool
from searchapp.evaluation.tasks.base import RetrievalTask

ENCODE_AT_ONCE = 1024
DEPTH = 100


@dataclass(slots=True)
class Clock:
    """Measures seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the seconds that a `with` block takes to a stage.

        Args:
            name: Name of the stage; blocks of the same name are added up.
        """
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Results and the embeddings they were computed from.

    Attributes:
        queries: (queries, dimension) embeddings in the task's order; None for anything except an encoder.
        passages: (passages, dimension) likewise.
    """

    results: Results
    per_query: PerQuery
    index: TaskIndex
    ranking: Ranking
    queries: FloatArray | None = None
    passages: FloatArray | None = None


def encode_task(
    task: RetrievalTask, encoder: Encoder, *, contexts: bool = True, progress: Tell | None = None
) -> tuple[FloatArray, FloatArray]:
    """Embed a task's queries and passages, in its order.

    Args:
        task: Queries, passages and judgements.
        encoder: Embeds the queries and passages.
        contexts: Encode each passage together with its context, as LAReQA does.
        progress: Called with the progress in this thread, or None.

    Raises:
        InputError: The task has only queries and qrels.
    """
    if not task.has_corpus:
        raise InputError(f"{task.name} has no corpus to encode: add corpus.jsonl, or evaluate a collection or a run")
    queries = encode_queries([query.text for query in task.queries], encoder, progress=progress)
    blocks = []
    for start in range(0, len(task.passages), ENCODE_AT_ONCE):
        part = task.passages[start : start + ENCODE_AT_ONCE]
        around = [passage.context for passage in part] if contexts else None
        blocks.append(encoder.encode_passages([passage.text for passage in part], contexts=around))
        if progress is not None:
            progress(Progress.of("encoding passages", start + len(part), len(task.passages), unit="passages"))
    return queries, np.concatenate(blocks)


def encode_queries(texts: Sequence[str], encoder: Encoder, *, progress: Tell | None = None) -> FloatArray:
    """Embed queries in blocks: (queries, dimension) float32, unit length.

    Args:
        texts: Texts of the queries, at least one.
        encoder: Embeds the queries.
        progress: Called with the progress in this thread, or None.
    """
    blocks = []
    for start in range(0, len(texts), ENCODE_AT_ONCE):
        blocks.append(encoder.encode_queries(texts[start : start + ENCODE_AT_ONCE]))
        if progress is not None:
            done = min(start + ENCODE_AT_ONCE, len(texts))
            progress(Progress.of("encoding queries", done, len(texts), unit="queries"))
    return np.concatenate(blocks)


def evaluate_encoder(
    task: RetrievalTask,
    encoder: Encoder,
    *,
    contexts: bool = True,
    measures: Sequence[str] | None = None,
    depth: int = DEPTH,
    k: int = BIAS_CUT,
    command: str = "",
    progress: Tell | None = None,
) -> Evaluation:
    """Encode a task and measure quality and language bias of the exact ranking of its whole pool.

    Embeddings of all passages are held in memory: 4 bytes x passages x dimension.

    Args:
        task: Queries, passages and judgements.
        encoder: Embeds the queries and passages.
        contexts: Encode each passage together with its context, as LAReQA does.
        measures: Names, see `measures`; default: the task's own.
        depth: Hits kept per query, for lift, MRC and exported runs; ranks are exact beyond it.
        k: Cut-off of the bias measures.
        command: The command line, recorded in the results.
        progress: Called with the progress in this thread, or None.
    """
    clock = Clock()
    with clock.stage("encode"):
        queries, passages = encode_task(task, encoder, contexts=contexts, progress=progress)
    settings = {"contexts": contexts and any(passage.context for passage in task.passages)}
    return evaluate_embeddings(
        task,
        queries=queries,
        passages=passages,
        system=System(
            kind="encoder",
            name=encoder.name,
            fingerprint=encoder.fingerprint,
            dimension=encoder.dimension,
            settings=settings,
        ),
        measures=measures,
        depth=depth,
        k=k,
        command=command,
        progress=progress,
        clock=clock,
    )


def evaluate_embeddings(
    task: RetrievalTask,
    *,
    queries: FloatArray,
    passages: FloatArray,
    system: System,
    measures: Sequence[str] | None = None,
    depth: int = DEPTH,
    k: int = BIAS_CUT,
    command: str = "",
    progress: Tell | None = None,
    clock: Clock | None = None,
) -> Evaluation:
    """Measure existing embeddings in the task's order.

    Args:
        task: Queries, passages and judgements.
        queries: Embeddings, (queries, dimension), float32, unit length.
        passages: Embeddings, (passages, dimension), float32, unit length.
        system: Description of what made the embeddings, recorded in the results.
        measures: Names, see `measures`; default: the task's own.
        depth: Hits kept per query, for lift, MRC and exported runs; ranks are exact beyond it.
        k: Cut-off of the bias measures.
        command: The command line, recorded in the results.
        progress: Called with the progress in this thread, or None.
        clock: Clock that already holds the seconds of earlier stages, such as encoding; None to start a new one.
    """
    clock = clock or Clock()
    with clock.stage("rank"):
        index = TaskIndex.of(task)
        ranking = rank_pool(index, queries, passages, depth=max(depth, k), progress=progress)
    pool = passages[index.columns]

    def score_of(rows: IntArray, columns: IntArray) -> FloatArray:
        scores: FloatArray = queries[rows] @ pool[columns].transpose(0, 2, 1)
        return scores

    with clock.stage("measure"):
        biases = bias(index, ranking, score_of=score_of, k=k)
        geometry(index, biases, queries=queries, passages=passages)
    return summarise(
        index,
        ranking,
        biases,
        system=system,
        measures=measures,
        command=command,
        clock=clock,
        embeddings=(queries, passages),
    )


def summarise(
    index: TaskIndex,
    ranking: Ranking,
    biases: Bias,
    *,
    system: System,
    measures: Sequence[str] | None,
    command: str,
    clock: Clock,
    embeddings: tuple[FloatArray, FloatArray] | None = None,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Compute the quality figures and combine them with the measures of bias to one evaluation.

    Args:
        index: The task, indexed for evaluation.
        ranking: Ranks of the golds and the top hits of each query.
        biases: Measures of language bias.
        system: Description of what was evaluated.
        measures: Names, see `measures`; None for the task's own. The first is the main measure.
        command: The command line, recorded in the results.
        clock: Seconds by stage.
        embeddings: Embeddings of queries and passages in the task's order; None for anything except an encoder.
        notes: What a reader must know to judge the figures, besides the notes of the task and of the bias measures.
    """
    task, groups = index.task, Groups.of(index)
    with clock.stage("measure"):
        figures = quality(index, ranking, measures=measures or task.measures)
    label = {int(row): name for name, rows in zip(groups.names, groups.members, strict=True) for row in rows}
    per_query = PerQuery(
        qids=tuple(query.id for query in task.queries),
        languages=tuple(label[row] for row in range(len(task.queries))),
        groups=tuple(query.group for query in task.queries),
        values={**figures.per_query, **biases.per_query},
    )
    results = Results(
        task=TaskSummary(
            name=task.name,
            digest=task.digest,
            queries=len(task.queries),
            passages=len(task.passages),
            golds=len(index.golds),
            query_languages=task.query_languages,
            passage_languages=task.passage_languages,
            main_measure=(measures or task.measures)[0],
        ),
        system=system,
        figures=figures.figures,
        bias=biases.means,
        unbiased=biases.unbiased,
        matrices={**figures.matrices, **biases.matrices},
        notes=(*task.notes, *notes, *biases.notes),
        timings={name: round(seconds, 3) for name, seconds in clock.seconds.items()},
        environment=environment(),
        command=command,
        created=now(),
    )
    queries, passages = embeddings or (None, None)
    return Evaluation(
        results=results, per_query=per_query, index=index, ranking=ranking, queries=queries, passages=passages
    )
