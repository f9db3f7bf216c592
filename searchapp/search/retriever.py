"""Candidates from the dense leg, the lexical leg or both, with the parts of every score kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from searchapp.datatypes import Filters, FloatArray, SparseVector
from searchapp.options import PLAIN, Ranking
from searchapp.ranking.candidates import Candidate
from searchapp.search.fusion import (
    CONVEX_WEIGHT,
    INTERLEAVED_WEIGHT,
    convex_combination,
    distribution_based_fusion,
    interleaved_combination,
    reciprocal_rank_fusion,
)
from searchapp.statistics.vectors import unit
from searchapp.stores.base import ScoredPoint, Store

LEXICAL_WEIGHTS = {"interleaved": INTERLEAVED_WEIGHT, "convex": CONVEX_WEIGHT, "rrf": 1.0, "wrrf": 0.3, "dbsf": 1.0}
"""Of the lexical leg beside the dense leg's 1: it finds mostly the query's own language, hence `wrrf`."""


def retrieve(
    store: Store,
    *,
    dense: FloatArray | None,
    sparse: SparseVector | None,
    limit: int,
    filters: Filters | None = None,
    ranking: Ranking = PLAIN,
    with_payload: bool = True,
    with_vectors: bool = False,
    debiased: bool = False,
    query_languages: int = 1,
) -> list[Candidate]:
    """Query the legs that are given and fuse them when both are.

    Args:
        dense: (dimension,) query vector; None leaves the dense leg out.
        sparse: Query terms; None leaves the lexical leg out.
        limit: Number of candidates returned.
        ranking: Fusion, its weights, feedback, and `depth`: candidates taken from each leg before fusion, at least `limit`.
        with_payload: Whether the candidates carry their whole payload, and not the language alone.
        with_vectors: Whether the candidates carry the vectors that the dense leg searches.
        debiased: Search the debiased vectors; `dense` has been through the same transform.
        query_languages: Languages that the query is in. The lexical leg finds passages in one of them by a part of the
            query, so its own weight in `interleaved` and `convex` is shared out among them (see docs/hybrid.md).

    Returns:
        Best first; `scores` has `dense` and `lexical` where the leg returned the passage, and `fused`.
    """
    points: list[ScoredPoint] = []
    if dense is not None and sparse is not None:
        legs = _Legs(store, filters=filters, wanted=max(limit, ranking.depth), debiased=debiased)
        weight = _lexical_weight(ranking, query_languages)
        found = _hybrid(legs, dense, sparse, limit=limit, ranking=ranking, weight=weight)
        if with_payload or with_vectors:
            ids = [id_ for id_, _, _ in found]
            points = store.retrieve(ids, with_payload=with_payload, with_vectors=with_vectors)
    else:
        shown: dict[str, Any] = {"with_payload": with_payload, "with_vectors": with_vectors}
        if dense is not None:
            points = store.query_dense(dense, limit=limit, filters=filters, debiased=debiased, **shown)
        elif sparse is not None:
            points = store.query_sparse(sparse, limit=limit, filters=filters, **shown)
        name = "lexical" if dense is None else "dense"
        found = [(point.id, point.score, {name: point.score}) for point in points]
    by_id = {point.id: point for point in points}
    if with_payload or with_vectors:
        found = [entry for entry in found if entry[0] in by_id]  # a server may have lost a point meanwhile
    language_of = {} if with_payload else store.languages([id_ for id_, _, _ in found])
    return [
        Candidate(
            id=id_,
            score=score,
            payload=by_id[id_].payload if with_payload else {"language": language_of[id_]},
            scores=scores,
            vector=_vector(by_id[id_], debiased) if with_vectors else None,
        )
        for id_, score, scores in found
    ]


_Found: TypeAlias = "tuple[str, float, Mapping[str, float]]"
"""Id, score and the parts of the score."""


@dataclass(frozen=True, slots=True)
class _Legs:
    """The two searches of a hybrid one, ids and scores only."""

    store: Store
    filters: Filters | None
    wanted: int
    debiased: bool

    def dense(self, vector: FloatArray) -> dict[str, float]:
        near = self.store.query_dense(
            vector, limit=self.wanted, filters=self.filters, with_payload=False, debiased=self.debiased
        )
        return {point.id: point.score for point in near}

    def lexical(self, terms: SparseVector) -> dict[str, float]:
        found = self.store.query_sparse(terms, limit=self.wanted, filters=self.filters, with_payload=False)
        return {point.id: point.score for point in found}

    def vector(self, id_: str) -> FloatArray | None:
        read = self.store.retrieve([id_], with_payload=False, with_vectors=True)
        return _vector(read[0], self.debiased) if read else None


def _hybrid(
    legs: _Legs, dense: FloatArray, sparse: SparseVector, *, limit: int, ranking: Ranking, weight: float
) -> list[_Found]:
    found, near = legs.lexical(sparse), legs.dense(dense)
    if found and ranking.feedback_weight:
        best = next(iter(convex_combination(list(near.items()), list(found.items()), weight=INTERLEAVED_WEIGHT)))
        vector = legs.vector(best)
        if vector is not None:
            near = legs.dense(unit(dense + ranking.feedback_weight * unit(vector)))
    parts = {"dense": near, "lexical": found}
    return [
        (id_, score, {**{name: leg[id_] for name, leg in parts.items() if id_ in leg}, "fused": score})
        for id_, score in islice(_fuse(parts, ranking, weight, legs.store).items(), limit)
    ]


def _vector(point: ScoredPoint, debiased: bool) -> FloatArray | None:
    return point.debiased if debiased else point.dense


def _fuse(parts: Mapping[str, Mapping[str, float]], ranking: Ranking, weight: float, store: Store) -> dict[str, float]:
    if ranking.fusion in ("rrf", "wrrf"):
        ids = {name: list(scores) for name, scores in parts.items()}
        return reciprocal_rank_fusion(ids, k=ranking.rrf_k, weights={"lexical": weight})
    scored = {name: list(scores.items()) for name, scores in parts.items()}
    if ranking.fusion == "dbsf":
        return distribution_based_fusion(scored, weights={"lexical": weight})
    if ranking.fusion == "convex":
        return convex_combination(scored["dense"], scored["lexical"], weight=weight)
    language_of = store.languages(list({**parts["dense"], **parts["lexical"]}))
    return interleaved_combination(scored["dense"], scored["lexical"], language_of=language_of, weight=weight)


def _lexical_weight(ranking: Ranking, query_languages: int) -> float:
    if ranking.lexical_weight is not None:
        return ranking.lexical_weight
    shared = query_languages if ranking.fusion in ("interleaved", "convex") else 1
    return LEXICAL_WEIGHTS[ranking.fusion] / max(1, shared)
