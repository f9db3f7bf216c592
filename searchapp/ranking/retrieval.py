"""Candidates from the dense leg, the lexical leg or both, with the parts of every score kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np

from searchapp.datatypes import UNKNOWN_LANGUAGE, Filters, FloatArray
from searchapp.options import PLAIN, Ranking
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.fusion import (
    CONVEX_WEIGHT,
    INTERLEAVED_WEIGHT,
    convex_combination,
    distribution_based_fusion,
    interleaved_combination,
    reciprocal_rank_fusion,
)
from searchapp.stores.base import ScoredPoint, SparseVector, Store

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
    with_vectors: bool = False,
    debiased: bool = False,
) -> list[Candidate]:
    """Query the legs that are given and fuse them when both are.

    Args:
        dense: (dimension,) query vector; None leaves the dense leg out.
        sparse: Query terms; None leaves the lexical leg out.
        limit: Number of candidates returned.
        ranking: Fusion, its weights, feedback, and `depth`: candidates taken from each leg before fusion, at least `limit`.
        with_vectors: Whether the candidates carry the vectors that the dense leg searches.
        debiased: Search the debiased vectors; `dense` has been through the same transform.

    Returns:
        Best first; `scores` has `dense` and `lexical` where the leg returned the passage, and `fused`.
    """
    if dense is None or sparse is None:
        name: str = "dense"
        points: list[ScoredPoint] = []
        if dense is not None:
            points = store.query_dense(
                dense, limit=limit, filters=filters, with_vectors=with_vectors, debiased=debiased
            )
        elif sparse is not None:
            name = "lexical"
            points = store.query_sparse(sparse, limit=limit, filters=filters, with_vectors=with_vectors)
        return [
            Candidate(point.id, point.score, point.payload, {name: point.score}, _vector(point, debiased))
            for point in points
        ]
    wanted = max(limit, ranking.depth)
    found = {
        point.id: point.score for point in store.query_sparse(sparse, limit=wanted, filters=filters, with_payload=False)
    }

    def dense_leg(vector: FloatArray) -> dict[str, float]:
        near = store.query_dense(vector, limit=wanted, filters=filters, with_payload=False, debiased=debiased)
        return {point.id: point.score for point in near}

    near = dense_leg(dense)
    if found and ranking.feedback_weight:
        best = next(iter(convex_combination(list(near.items()), list(found.items()), weight=INTERLEAVED_WEIGHT)))
        for point in store.retrieve([best], with_vectors=True):
            vector = _vector(point, debiased)
            if vector is not None:
                near = dense_leg(_unit(dense + ranking.feedback_weight * _unit(vector)))
    parts = {"dense": near, "lexical": found}
    if ranking.fusion == "interleaved":
        points = store.retrieve(list({**near, **found}), with_vectors=with_vectors)
        fused = _interleaved(points, parts, ranking)
        by_id = {point.id: point for point in points}
        points = [by_id[key] for key in islice(fused, limit)]
    else:
        fused = dict(islice(_fuse(parts, ranking).items(), limit))
        points = store.retrieve(list(fused), with_vectors=with_vectors)
    return [
        Candidate(
            id=point.id,
            score=fused[point.id],
            payload=point.payload,
            scores={
                **{name: leg[point.id] for name, leg in parts.items() if point.id in leg},
                "fused": fused[point.id],
            },
            vector=_vector(point, debiased),
        )
        for point in points
    ]


def _vector(point: ScoredPoint, debiased: bool) -> FloatArray | None:
    return point.debiased if debiased else point.dense


def _interleaved(
    points: Sequence[ScoredPoint], parts: Mapping[str, Mapping[str, float]], ranking: Ranking
) -> dict[str, float]:
    """Fuse with the candidates' languages in hand: their payloads are fetched before the cut, not after it."""
    return interleaved_combination(
        list(parts["dense"].items()),
        list(parts["lexical"].items()),
        language_of={point.id: str(point.payload.get("language", UNKNOWN_LANGUAGE)) for point in points},
        weight=_lexical_weight(ranking),
    )


def _fuse(parts: Mapping[str, Mapping[str, float]], ranking: Ranking) -> dict[str, float]:
    weight = _lexical_weight(ranking)
    if ranking.fusion in ("rrf", "wrrf"):
        ids = {name: list(scores) for name, scores in parts.items()}
        return reciprocal_rank_fusion(ids, k=ranking.rrf_k, weights={"lexical": weight})
    scored = {name: list(scores.items()) for name, scores in parts.items()}
    if ranking.fusion == "dbsf":
        return distribution_based_fusion(scored, weights={"lexical": weight})
    return convex_combination(scored["dense"], scored["lexical"], weight=weight)


def _lexical_weight(ranking: Ranking) -> float:
    return LEXICAL_WEIGHTS[ranking.fusion] if ranking.lexical_weight is None else ranking.lexical_weight


def _unit(vector: FloatArray) -> FloatArray:
    unit: FloatArray = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return unit
