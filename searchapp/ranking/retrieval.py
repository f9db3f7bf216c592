"""Candidates from the dense leg, the lexical leg or both, with the parts of every score kept."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from searchapp.datatypes import Filters, FloatArray, Fusion
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.fusion import convex_combination, distribution_based_fusion, reciprocal_rank_fusion
from searchapp.stores.base import ScoredPoint, SparseVector, Store

MODES = ("dense", "lexical", "hybrid")
FUSIONS = ("convex", "rrf", "wrrf", "dbsf")

DENSE_FIRST = {"dense": 1.0, "lexical": 0.3}
"""Weights of the weighted reciprocal rank fusion: the lexical leg finds mostly the query's own language."""

CANDIDATES = 100
"""Depth of each leg before fusion."""


def retrieve(
    store: Store,
    *,
    dense: FloatArray | None,
    sparse: SparseVector | None,
    limit: int,
    filters: Filters | None = None,
    fusion: Fusion = "convex",
    depth: int = CANDIDATES,
    with_vectors: bool = False,
    debiased: bool = False,
) -> list[Candidate]:
    """Query the legs that are given and fuse them when both are.

    Args:
        dense: (dimension,) query vector; None leaves the dense leg out.
        sparse: Query terms; None leaves the lexical leg out.
        limit: Number of candidates returned.
        fusion: How both legs become one; see `searchapp.ranking.fusion`.
        depth: Candidates taken from each leg before fusion; at least `limit` are.
        with_vectors: Whether the candidates carry the vectors that the dense leg searches.
        debiased: Search the debiased vectors; `dense` has been through the same transform.

    Returns:
        Best first; `scores` has `dense` and `lexical` where the leg returned the passage, and `fused`.
    """
    if dense is None or sparse is None:
        name, points = "dense", []
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
    wanted = max(limit, depth)
    legs = {
        "dense": store.query_dense(dense, limit=wanted, filters=filters, with_payload=False, debiased=debiased),
        "lexical": store.query_sparse(sparse, limit=wanted, filters=filters, with_payload=False),
    }
    parts = {name: {point.id: point.score for point in leg} for name, leg in legs.items()}
    fused = dict(islice(_fuse(parts, fusion).items(), limit))
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
        for point in store.retrieve(list(fused), with_vectors=with_vectors)
    ]


def _vector(point: ScoredPoint, debiased: bool) -> FloatArray | None:
    return point.debiased if debiased else point.dense


def _fuse(parts: Mapping[str, Mapping[str, float]], fusion: Fusion) -> dict[str, float]:
    if fusion in ("rrf", "wrrf"):
        weights = DENSE_FIRST if fusion == "wrrf" else None
        return reciprocal_rank_fusion({name: list(scores) for name, scores in parts.items()}, weights=weights)
    scored = {name: list(scores.items()) for name, scores in parts.items()}
    if fusion == "dbsf":
        return distribution_based_fusion(scored)
    return convex_combination(scored["dense"], scored["lexical"])
