"""Evaluate what users get: a collection with its fusion, debiasing and re-ranking, or a run of another system."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol, get_args

from searchapp.datatypes import Mode, Progress, Run, SearchResult, Tell
from searchapp.encoders.base import Encoder
from searchapp.errors import ConfigurationError
from searchapp.evaluation.attribution import summary
from searchapp.evaluation.biases import BIAS_CUT, bias
from searchapp.evaluation.evaluate import DEPTH, Clock, Evaluation, evaluate_encoder, summarise
from searchapp.evaluation.figures import run_of
from searchapp.evaluation.indexing import TaskIndex
from searchapp.evaluation.results import System
from searchapp.evaluation.retrieved import HitMatcher, Retrieved, ranking_of, retrieved_from_run, retrieved_scores
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage
from searchapp.options import Ranking


class Searcher(Protocol):
    """Any object that searches text. Thread-safe. `SearchClient` is one."""

    def search(self, query: str, *, limit: int) -> SearchResult:
        """Find the passages nearest to a query.

        Args:
            query: Text of the query.
            limit: Number of hits.
        """
        ...


class RankingSearcher(Protocol):
    """A searcher with a choice of legs and ranking. `SearchClient` is one."""

    def search(self, query: str, *, limit: int, mode: Mode, ranking: Ranking) -> SearchResult:
        """Find the passages nearest to a query.

        Args:
            query: Text of the query.
            limit: Number of hits.
            mode: `dense`, `lexical` or `hybrid`.
            ranking: Options for ranking the candidates.
        """
        ...


@dataclass(frozen=True, slots=True)
class Configured:
    """A searcher with a fixed mode and ranking.

    Raises:
        ConfigurationError: The mode is unknown.
    """

    searcher: RankingSearcher
    mode: str = "hybrid"
    ranking: Ranking = field(default_factory=Ranking)

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ConfigurationError(f"unknown mode {self.mode!r}; use {', '.join(get_args(Mode))}")

    def search(self, query: str, *, limit: int) -> SearchResult:
        """Find the passages nearest to a query, with the fixed mode and ranking.

        Args:
            query: Text of the query.
            limit: Number of hits.
        """
        mode: Mode = "dense" if self.mode == "dense" else "lexical" if self.mode == "lexical" else "hybrid"
        return self.searcher.search(query, limit=limit, mode=mode, ranking=self.ranking)


def collection_stages(
    task: RetrievalTask,
    searcher: RankingSearcher,
    encoder: Encoder,
    *,
    ranking: Ranking | None = None,
    limit: int = DEPTH,
    measures: Sequence[str] | None = None,
    progress: Tell | None = None,
) -> dict[str, dict[str, float]]:
    """Measure quality and bias of the first `limit` hits after each stage of a collection's pipeline.

    The stages are the encoder's exact ranking, the dense leg (with the effect of approximate search and quantisation),
    the lexical leg, and their fusion with all later stages.

    Args:
        task: Queries, passages and judgements.
        searcher: Searches the collection that holds the task's passages.
        encoder: The encoder that the collection was built with.
        ranking: Options of the fused stage; a true `debias` adds a separate stage.
        limit: Number of hits per query.
        measures: Names, see `measures`; default: the task's own.
        progress: Called with the progress in this thread, or None.
    """
    used = ranking or Ranking()
    plain = Ranking(debias=None if used.debias is None else False)
    exact = evaluate_encoder(task, encoder, measures=measures, depth=limit, progress=progress)
    cut = evaluate_run(task, run_of(exact.index, exact.ranking), name="exact", limit=limit, measures=measures)
    rows = {"encoder, exact": summary(cut.results)}
    parts = [("dense leg", "dense", plain)]
    if used.debias:
        plain = replace(plain, debias=True)
        parts.append(("debias", "dense", plain))
    parts.append(("lexical leg", "lexical", plain))
    parts.append(("fusion", "hybrid", replace(plain, fusion=used.fusion)))
    if used != replace(plain, fusion=used.fusion):
        parts.append(("ranking", "hybrid", used))
    for name, mode, chosen in parts:
        found = evaluate_searcher(
            task, Configured(searcher, mode, chosen), name=name, limit=limit, measures=measures, progress=progress
        )
        rows[name] = summary(found.results)
    return rows


def evaluate_searcher(
    task: RetrievalTask,
    searcher: Searcher,
    *,
    name: str,
    limit: int = DEPTH,
    measures: Sequence[str] | None = None,
    k: int = BIAS_CUT,
    command: str = "",
    progress: Tell | None = None,
) -> Evaluation:
    """Search for every query of a task and measure quality and language bias of the hits.

    The figures are limited to the first `limit` hits: a gold beyond them counts as not retrieved, and in Mo and Cr a gold's
    rank is its position among the hits of its language.

    Args:
        task: Queries, passages and judgements.
        searcher: Searches a collection of the task's passages.
        name: Name of the collection, for the results.
        limit: Number of hits per query.
        measures: Names, see `measures`; default: the task's own.
        k: Cut-off rank of the bias measures, at most `limit`.
        command: The command line, recorded in the results.
        progress: Called with the progress in this thread, or None.
    """
    clock = Clock()
    with clock.stage("search"):
        results = _ask(task, searcher, limit=limit, progress=progress)
    baseline = None
    if not task.has_corpus:
        task = _with_pool_of(task, results)
        baseline = {share.language: share.baseline for share in results[0].report.shares} or None
    index = TaskIndex.of(task)
    matcher = HitMatcher.of(index)
    answers = [matcher.retrieved(result.hits) for result in results]
    hits = sum(len(result.hits) for result in results)
    outside = sum(column < 0 for answer in answers for column, _, _ in answer)
    notes = [f"Figures are of the first {limit} hits."]
    if outside:
        notes.append(
            f"{outside:,} of {hits:,} hits are not passages of the task: is the collection built from its files?"
        )
    system = System(kind="collection", name=name, fingerprint=results[0].version, settings={"limit": limit})
    return _evaluate(
        index,
        answers,
        depth=limit,
        system=system,
        measures=measures,
        k=k,
        command=command,
        clock=clock,
        notes=notes,
        baseline=baseline,
    )


def _ask(task: RetrievalTask, searcher: Searcher, *, limit: int, progress: Tell | None) -> list[SearchResult]:
    results: list[SearchResult] = []
    texts = [query.text for query in task.queries]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as workers:
        for result in workers.map(lambda text: searcher.search(text, limit=limit), texts):
            results.append(_slim(result))
            if progress is not None:
                progress(Progress.of("searching", len(results), len(texts), unit="queries"))
    return results


def _slim(result: SearchResult) -> SearchResult:
    """Drop the payloads, because all results are kept until the last query."""
    return replace(result, hits=tuple(replace(hit, payload={}, scores={}, title="") for hit in result.hits))


def _with_pool_of(task: RetrievalTask, results: Sequence[SearchResult]) -> RetrievalTask:
    """Create a task whose pool is the retrieved hits, in the hits' languages; golds never found are `und`."""
    known = {passage.id: passage for passage in task.passages}
    for result in results:
        for hit in result.hits:
            pid = next((name for name in (hit.document_id, hit.id) if name in known), hit.document_id or hit.id)
            known[pid] = TaskPassage(id=pid, text=hit.text, language=hit.language)
    return replace(task, passages=tuple(known.values()))


def evaluate_run(
    task: RetrievalTask,
    run: Run,
    *,
    name: str,
    limit: int | None = None,
    measures: Sequence[str] | None = None,
    k: int = BIAS_CUT,
    command: str = "",
) -> Evaluation:
    """Measure a run of any system.

    Args:
        task: Queries, passages and judgements.
        run: qid -> pid -> score.
        name: Name of the system, for the results.
        limit: Number of hits per query that count; None for the whole run.
        measures: Names, see `measures`; default: the task's own.
        k: Cut-off rank of the bias measures, at most `limit`.
        command: The command line, recorded in the results.

    Raises:
        InputError: The run contains none of the task's queries.
    """
    clock, index = Clock(), TaskIndex.of(task)
    depth = limit or max((len(hits) for hits in run.values()), default=0) or 1
    answers = retrieved_from_run(index, run)
    notes = [f"Figures are of the run's first {depth} hits."]
    system = System(kind="run", name=name, settings={"limit": depth})
    return _evaluate(
        index, answers, depth=depth, system=system, measures=measures, k=k, command=command, clock=clock, notes=notes
    )


def _evaluate(
    index: TaskIndex,
    answers: Sequence[Retrieved],
    *,
    depth: int,
    system: System,
    measures: Sequence[str] | None,
    k: int,
    command: str,
    clock: Clock,
    notes: Sequence[str],
    baseline: Mapping[str, float] | None = None,
) -> Evaluation:
    with clock.stage("measure"):
        ranking = ranking_of(index, answers, depth=depth)
        biases = bias(index, ranking, score_of=retrieved_scores(ranking), baseline=baseline, k=min(k, depth))
    return summarise(
        index, ranking, biases, system=system, measures=measures, command=command, clock=clock, notes=notes
    )
