"""Candidates from the dense leg, the lexical leg or both, with the parts of every score kept."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import numpy as np

from searchapp.datatypes import UNKNOWN_LANGUAGE, Filters, FloatArray
from searchapp.options import Ranking
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

MODES = ("dense", "lexical", "hybrid")
FUSIONS = ("interleaved", "convex", "rrf", "wrrf", "dbsf")

LEXICAL_WEIGHTS = {"interleaved": INTERLEAVED_WEIGHT, "convex": CONVEX_WEIGHT, "rrf": 1.0, "wrrf": 0.3, "dbsf": 1.0}
"""Of the lexical leg beside the dense leg's 1: it finds mostly the query's own language, hence `wrrf`."""

PLAIN = Ranking()


def retrieve(
    store: Store,
    *,
    dense: FloatArray | None,
    sparse: SparseVector | None,
    limit: int,
    filters: Filters | None = None,
    ranking: Ranking = PLAIN,
    with_vectors: bool = False,
) -> list[Candidate]:
    """Query the legs that are given and fuse them when both are.

    Args:
        dense: (dimension,) query vector; None leaves the dense leg out.
        sparse: Query terms; None leaves the lexical leg out.
        limit: Number of candidates returned.
        ranking: Fusion, its weights, feedback, and `depth`: candidates taken from each leg before fusion, at least `limit`.
        with_vectors: Whether the candidates carry their dense vectors.

    Returns:
        Best first; `scores` has `dense` and `lexical` where the leg returned the passage, and `fused`.
    """
    if dense is None or sparse is None:
        name: str = "dense"
        points: list[ScoredPoint] = []
        if dense is not None:
            points = store.query_dense(dense, limit=limit, filters=filters, with_vectors=with_vectors)
        elif sparse is not None:
            name = "lexical"
            points = store.query_sparse(sparse, limit=limit, filters=filters, with_vectors=with_vectors)
        return [Candidate(point.id, point.score, point.payload, {name: point.score}, point.dense) for point in points]
    wanted = max(limit, ranking.depth)
    found = {
        point.id: point.score for point in store.query_sparse(sparse, limit=wanted, filters=filters, with_payload=False)
    }
    near = _dense_leg(store, dense, wanted, filters)
    if found and ranking.feedback_weight:
        best = next(iter(convex_combination(list(near.items()), list(found.items()), weight=INTERLEAVED_WEIGHT)))
        for point in store.retrieve([best], with_vectors=True):
            if point.dense is not None:
                near = _dense_leg(store, _unit(dense + ranking.feedback_weight * _unit(point.dense)), wanted, filters)
    parts = {"dense": near, "lexical": found}
    if ranking.fusion == "interleaved":
        return _interleaved(store, parts, limit=limit, ranking=ranking, with_vectors=with_vectors)
    fused = dict(islice(_fuse(parts, ranking).items(), limit))
    return [_candidate(point, parts, fused) for point in store.retrieve(list(fused), with_vectors=with_vectors)]


def _dense_leg(store: Store, vector: FloatArray, limit: int, filters: Filters | None) -> dict[str, float]:
    return {p.id: p.score for p in store.query_dense(vector, limit=limit, filters=filters, with_payload=False)}


def _interleaved(
    store: Store, parts: Mapping[str, Mapping[str, float]], *, limit: int, ranking: Ranking, with_vectors: bool
) -> list[Candidate]:
    """Fuse with the candidates' languages in hand, so their payloads are fetched before the cut, not after it."""
    points = store.retrieve(list({**parts["dense"], **parts["lexical"]}), with_vectors=with_vectors)
    by_id = {point.id: point for point in points}
    fused = interleaved_combination(
        list(parts["dense"].items()),
        list(parts["lexical"].items()),
        language_of={key: str(point.payload.get("language", UNKNOWN_LANGUAGE)) for key, point in by_id.items()},
        weight=_lexical_weight(ranking),
    )
    return [_candidate(by_id[key], parts, fused) for key in islice(fused, limit)]


def _candidate(point: ScoredPoint, parts: Mapping[str, Mapping[str, float]], fused: Mapping[str, float]) -> Candidate:
    own = {name: leg[point.id] for name, leg in parts.items() if point.id in leg}
    return Candidate(
        id=point.id,
        score=fused[point.id],
        payload=point.payload,
        scores={**own, "fused": fused[point.id]},
        vector=point.dense,
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
