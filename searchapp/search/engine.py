"""One query against one open version: retrieve, rank, report."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from searchapp.datatypes import FloatArray, LanguageReport, LanguageSpan, Mode, SearchResult, SparseVector
from searchapp.debias.queries import span_weights, transform_mixed
from searchapp.expansion.plan import Plan
from searchapp.options import Ranking
from searchapp.ranking.balance import candidates_per_language
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question, Stage, run_stages
from searchapp.search.language_report import language_report
from searchapp.search.live import Serving
from searchapp.search.reach import go_on, join_languages
from searchapp.search.retriever import retrieve
from searchapp.stores.base import ScoredPoint
from searchapp.stores.payload import to_hit


@dataclass(frozen=True, slots=True)
class Request:
    """A search as the client understood it.

    Attributes:
        query: As given.
        text: Normalised.
        vector: (dimension,) query embedding, its parts' joined; None in a lexical search.
        debiased: (dimension,) the vector after the collection's debias transform, where it is stored: a passage's.
        plan: What is searched beside the query.
        filters: By stored field.
        without: A passage that is no hit of its own search.
    """

    query: str
    text: str
    spans: tuple[LanguageSpan, ...]
    vector: FloatArray | None
    limit: int
    offset: int
    filters: dict[str, Any] | None
    mode: Mode
    ranking: Ranking
    plan: Plan = field(default_factory=Plan)
    without: str | None = None
    debiased: FloatArray | None = None

    @property
    def wanted(self) -> int:
        """Hits of this page and the pages before it."""
        return self.offset + self.limit


class Clock:
    """Milliseconds by stage."""

    def __init__(self, laps: Mapping[str, float] | None = None) -> None:
        self._laps = dict(laps or {})
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End a stage that began where the last one ended."""
        now = time.perf_counter()
        self._laps[stage] = (now - self._last) * 1000
        self._last = now

    def add(self, laps: Mapping[str, float]) -> None:
        """Take in stages that were timed elsewhere, and begin the next one now."""
        self._laps.update(laps)
        self._last = time.perf_counter()

    def divided(self, parts: int) -> dict[str, float]:
        """Every stage's share of a batch."""
        return {stage: value / parts for stage, value in self._laps.items()}

    def total(self) -> dict[str, float]:
        """All stages and their sum."""
        return {**self._laps, "total": sum(self._laps.values())}


def answer(
    request: Request, serving: Serving, *, stages: Sequence[Stage], collection: str, clock: Clock
) -> SearchResult:
    """Search a version; the stages run in the order given, on `ranking.depth` candidates when there are any."""
    terms = _terms(request, serving) if request.mode != "dense" else None
    vector, debiased = _debiased(request, serving)
    if debiased:
        clock.lap("debias")
    baseline = _baseline(serving, request.filters)
    depth = request.ranking.depth
    with_vectors = any(stage.needs_vectors for stage in stages)
    asked = depth if stages or request.mode == "hybrid" else min(request.wanted, depth)
    # the payloads of a page are read with the candidates where every candidate is on it
    with_payload = any(stage.needs_payload for stage in stages) or (request.mode != "hybrid" and not stages)

    def fetch(count: int) -> list[Candidate]:
        candidates = retrieve(
            serving.store,
            dense=vector,
            sparse=terms,
            limit=count if request.without is None else count + 1,
            filters=request.filters,
            ranking=request.ranking,
            with_payload=with_payload,
            with_vectors=with_vectors,
            debiased=debiased,
            query_languages=len({span.language for span in request.spans}),
        )
        return [candidate for candidate in candidates if candidate.id != request.without][:count]

    def best_in(language: str, count: int) -> list[ScoredPoint]:
        own = {**(request.filters or {}), "language": [language]}
        if vector is not None:
            return serving.store.query_dense(vector, limit=count, filters=own, with_payload=False, debiased=debiased)
        return serving.store.query_sparse(terms or SparseVector(), limit=count, filters=own, with_payload=False)

    def read(ids: Sequence[str]) -> list[ScoredPoint]:
        if not with_payload and not with_vectors:
            return [ScoredPoint(id_, 0.0, {"language": code}) for id_, code in serving.store.languages(ids).items()]
        found = serving.store.retrieve(ids, with_vectors=with_vectors)
        return [replace(point, dense=point.debiased) for point in found] if debiased else found

    pool = fetch(asked)
    exhausted = len(pool) < asked
    each = _each(request.ranking, baseline)
    if each and not exhausted:
        pool = join_languages(pool, each, search=best_in, read=read, leg="lexical" if vector is None else "dense")
        pool = [candidate for candidate in pool if candidate.id != request.without]
    clock.lap("retrieve")

    def report(languages: Sequence[str]) -> LanguageReport:
        return language_report(
            languages,
            {language: float(count) for language, count in baseline.items()},
            baseline_name="filtered collection" if request.filters else "collection",
        )

    question = Question(text=request.text, spans=request.spans, vector=vector, limit=request.wanted, baseline=baseline)
    order, steps, laps = run_stages(stages, pool, question, report=report)
    clock.add(laps)
    if len(order) < request.wanted and not exhausted and request.ranking.per_language is None:
        order = go_on(order, pool, fetch=fetch, stages=stages, wanted=request.wanted, asked=asked)
        clock.lap("go on")
    page = order[request.offset : request.wanted]
    payloads = {candidate.id: candidate.payload for candidate in page}
    if not with_payload:
        payloads = {point.id: point.payload for point in serving.store.retrieve(list(payloads))}
        page = [candidate for candidate in page if candidate.id in payloads]
    hits = tuple(
        to_hit(
            candidate.id,
            payloads[candidate.id],
            rank=rank,
            score=candidate.score,
            scores=candidate.scores,
            also_in=candidate.also_in,
        )
        for rank, candidate in enumerate(page, start=request.offset + 1)
    )
    shares = report([hit.language for hit in hits])
    clock.lap("report")
    return SearchResult(
        query=request.query,
        hits=hits,
        spans=request.spans,
        report=shares,
        timings=clock.total(),
        collection=collection,
        version=serving.version,
        mode=request.mode,
        notes=(
            *_notes(serving, request.filters, terms is not None and not terms),
            *_debias_notes(request, serving),
            *request.plan.notes,
        ),
        steps=steps,
        offset=request.offset,
        unmatched=_unmatched(pool, baseline) if terms is not None else (),
    )


def _terms(request: Request, serving: Serving) -> SparseVector:
    written = [((part.lexical,), part.weight) for part in request.plan.parts if part.lexical is not None]
    if not written:
        return serving.lexical.encode_query(request.spans)
    return serving.lexical.encode_parts([(request.spans, 1.0), *written])


def _unmatched(candidates: Sequence[Candidate], baseline: Mapping[str, int]) -> tuple[str, ...]:
    matched = {candidate.language for candidate in candidates if "lexical" in candidate.scores}
    return tuple(sorted(code for code, count in baseline.items() if count and code not in matched))


def _debiased(request: Request, serving: Serving) -> tuple[FloatArray | None, bool]:
    """The query vector as it is searched, and whether it is searched among the debiased vectors."""
    chosen = request.ranking.debias
    wanted = bool(serving.manifest.debias.get("default")) if chosen is None else chosen
    if request.vector is None or serving.debias is None or not wanted:
        return request.vector, False
    if request.debiased is not None:
        return request.debiased, True
    return transform_mixed(serving.debias, request.vector[None, :], [span_weights(request.spans)])[0], True


def _debias_notes(request: Request, serving: Serving) -> Iterable[str]:
    if request.ranking.debias and serving.debias is None:
        yield f"the collection has no debias transform; fit one with: searchapp debias fit {serving.manifest.collection}"
    elif request.ranking.debias and request.vector is None:
        yield "a lexical search has no vectors to debias"


def _each(ranking: Ranking, baseline: Mapping[str, int]) -> dict[str, int]:
    """Passages of each language that the stages need to choose from; none when they do not go by language."""
    if len(baseline) < 2:
        return {}
    least = candidates_per_language(baseline, depth=ranking.depth) if ranking.balance > 0 else {}
    most = ranking.per_language or 0
    each = {language: max(least.get(language, 0), most) for language in baseline}
    return {language: count for language, count in each.items() if count}


def _baseline(serving: Serving, filters: dict[str, Any] | None) -> Mapping[str, int]:
    """What the filters leave of the collection: a language filtered out is not under-represented."""
    return serving.store.facet("language", filters=filters) if filters else serving.manifest.languages


def _notes(serving: Serving, filters: dict[str, Any] | None, no_terms: bool) -> Iterable[str]:
    if no_terms:
        yield "the lexical leg found no searchable term in the query"
    wanted = (filters or {}).get("language")
    missing = [code for code in wanted if code not in serving.manifest.languages] if isinstance(wanted, list) else []
    if missing:
        yield f"the collection has no passages in {', '.join(missing)}; it has {', '.join(serving.manifest.languages)}"
