"""Answer one query from one open version of a collection: prepare, retrieve, rank, collect the hits, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from searchapp.datatypes import FloatArray, Hit, LanguageReport, SearchResult, SparseVector
from searchapp.debias.queries import span_weights, transform_mixed
from searchapp.encoders.calibration import Calibration, calibration_of
from searchapp.options import Ranking
from searchapp.ranking.balance import candidates_per_language
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question, Stage, run_stages
from searchapp.search.hybrid import FusionSettings
from searchapp.search.language_report import language_report
from searchapp.search.live import Serving
from searchapp.search.notes import notes_on, unmatched_languages
from searchapp.search.reach import go_on, join_languages
from searchapp.search.request import Clock, Request
from searchapp.search.retriever import Retriever
from searchapp.stores.base import DEBIASED, DENSE, Fields, VectorName
from searchapp.stores.payload import Payload


def answer(
    request: Request, serving: Serving, *, stages: Sequence[Stage], collection: str, clock: Clock
) -> SearchResult:
    """Search a version of a collection and report the languages of the hits.

    Args:
        request: The search to run.
        serving: The open version.
        stages: Ranking stages, run in this order on `ranking.depth` candidates.
        collection: Name of the collection, for the result.
        clock: Contains the timings of earlier steps and records those of this search.
    """
    retriever = retriever_for(request, serving, stages)
    if retriever.using == DEBIASED:
        clock.lap("debias")
    reporter = _reporter(request, serving)

    pool = _pool(request, retriever, reporter.baseline, has_stages=bool(stages))
    clock.lap("retrieve")

    question = Question(
        text=request.text,
        spans=request.spans,
        vector=retriever.dense,
        limit=request.wanted,
        baseline=reporter.baseline,
    )
    order, steps, laps = run_stages(stages, pool.candidates, question, report=reporter.report)
    clock.add(laps)

    if len(order) < request.wanted and not pool.exhausted and request.ranking.per_language is None:
        fetch = retriever.candidates
        order = go_on(order, pool.candidates, fetch=fetch, stages=stages, wanted=request.wanted, asked=pool.asked)
        clock.lap("extend")

    hits = _hits(order[request.offset : request.wanted], retriever, first_rank=request.offset + 1)
    hits = _judged(hits, retriever, calibration_of(serving.encoder))
    report = reporter.report([hit.language for hit in hits])
    clock.lap("report")
    terms = retriever.terms
    return SearchResult(
        query=request.query,
        hits=hits,
        spans=request.spans,
        report=report,
        timings=clock.total(),
        collection=collection,
        version=serving.version,
        mode=request.mode,
        notes=notes_on(request, serving, no_terms=terms is not None and not terms, empty=not hits),
        steps=steps,
        offset=request.offset,
        unmatched=() if terms is None else unmatched_languages(pool.candidates, reporter.baseline),
    )


def retriever_for(request: Request, serving: Serving, stages: Sequence[Stage]) -> Retriever:
    """Create the retriever of a query, with its terms, its vector and the fields that candidates need.

    Whole payloads are read with the candidates if every candidate is on the page. Otherwise they are read for the hits
    only, and candidates carry the fields that a stage needs.

    Args:
        request: The search to run.
        serving: The open version.
        stages: Ranking stages.
    """
    dense, using = _query_vector(request, serving)
    return Retriever(
        store=serving.store,
        dense=dense,
        terms=None if request.mode == "dense" else _terms(request, serving),
        using=using,
        filters=request.filters,
        fusion=FusionSettings.of(
            request.ranking,
            query_languages=len({span.language for span in request.spans}),
            calibration=calibration_of(serving.encoder),
        ),
        with_payload=_fields(request, stages),
        with_vectors=any(stage.needs_vectors for stage in stages),
        without=request.without,
    )


def _fields(request: Request, stages: Sequence[Stage]) -> Fields:
    if not stages:
        return request.mode != "hybrid"
    fields = tuple(dict.fromkeys(field for stage in stages for field in stage.needs_fields))
    return ("language", *fields) if fields else False


@dataclass(frozen=True, slots=True)
class _Pool:
    """The candidates that the stages rank.

    Attributes:
        asked: Number of candidates requested by relevance.
        exhausted: Whether fewer candidates were found than requested.
    """

    candidates: list[Candidate]
    asked: int
    exhausted: bool


def _pool(request: Request, retriever: Retriever, baseline: Mapping[str, int], *, has_stages: bool) -> _Pool:
    """Retrieve by relevance, and add each language's best passages if a stage works by language."""
    depth = request.ranking.depth
    asked = depth if has_stages or request.mode == "hybrid" else min(request.wanted, depth)
    candidates = retriever.candidates(asked)
    exhausted = len(candidates) < asked
    each = _each_language(request.ranking, baseline)
    if each and not exhausted:
        candidates = join_languages(candidates, each, search=retriever.best_in, read=retriever.read, leg=retriever.leg)
    return _Pool(candidates, asked, exhausted)


def _each_language(ranking: Ranking, baseline: Mapping[str, int]) -> dict[str, int]:
    """Return how many passages of each language the stages need; empty if no stage works by language."""
    if len(baseline) < 2:
        return {}
    least = candidates_per_language(baseline, depth=ranking.depth) if ranking.balance > 0 else {}
    most = ranking.per_language or 0
    each = {language: max(least.get(language, 0), most) for language in baseline}
    return {language: count for language, count in each.items() if count}


def _terms(request: Request, serving: Serving) -> SparseVector:
    """Weight the terms of the query and of its expansions."""
    written = [((part.lexical,), part.weight) for part in request.plan.parts if part.lexical is not None]
    if not written:
        return serving.lexical.encode_query(request.spans)
    return serving.lexical.encode_parts([(request.spans, 1.0), *written])


def _query_vector(request: Request, serving: Serving) -> tuple[FloatArray | None, VectorName]:
    """Return the query vector to search with and the name of the stored vectors to compare it with."""
    chosen = request.ranking.debias
    wanted = serving.manifest.debiased_by_default if chosen is None else chosen
    if request.vector is None or serving.debias is None or not wanted:
        return request.vector, DENSE
    if request.debiased is not None:
        return request.debiased, DEBIASED
    return transform_mixed(serving.debias, request.vector[None, :], [span_weights(request.spans)])[0], DEBIASED


def _hits(page: Sequence[Candidate], retriever: Retriever, *, first_rank: int) -> tuple[Hit, ...]:
    """Read the missing payloads and turn candidates into hits; points deleted in the meantime are dropped."""
    payloads = {candidate.id: candidate.payload for candidate in page}
    if retriever.with_payload is not True:
        payloads = {point.id: Payload.read(point.payload) for point in retriever.store.retrieve(list(payloads))}
    found = [candidate for candidate in page if candidate.id in payloads]
    return tuple(
        payloads[candidate.id].hit(
            candidate.id,
            rank=rank,
            score=candidate.score,
            scores=candidate.scores,
            also_in=candidate.also_in,
        )
        for rank, candidate in enumerate(found, start=first_rank)
    )


def _judged(hits: tuple[Hit, ...], retriever: Retriever, calibration: Calibration) -> tuple[Hit, ...]:
    """Mark the relevant hits by the encoder's calibration, which does not apply to debiased cosines."""
    if retriever.dense is None or retriever.using == DEBIASED:
        return hits
    judged = []
    for hit in hits:
        cosine = hit.scores.get("cosine", None if "cosine" in hit.scores else hit.scores.get("dense"))
        judged.append(replace(hit, relevant=calibration.is_relevant(cosine, has_words="lexical" in hit.scores)))
    return tuple(judged)


@dataclass(frozen=True, slots=True)
class _Reporter:
    """Reports languages relative to the searched passages.

    Attributes:
        baseline: Number of searched passages by language.
        name: Origin of the baseline, for display.
    """

    baseline: Mapping[str, int]
    name: str

    def report(self, languages: Sequence[str]) -> LanguageReport:
        expected = {language: float(count) for language, count in self.baseline.items()}
        return language_report(languages, expected, baseline_name=self.name)


def _reporter(request: Request, serving: Serving) -> _Reporter:
    """Use the passages that pass the filters as the baseline: a language filtered out is not under-represented."""
    if not request.filters:
        return _Reporter(serving.manifest.languages, "collection")
    return _Reporter(serving.store.facet("language", filters=request.filters), "filtered collection")
