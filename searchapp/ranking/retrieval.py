"""Candidates from the dense leg, the lexical leg or both, with the parts of every score kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from searchapp.datatypes import Filters, FloatArray, Fusion
from searchapp.ranking.fusion import convex_combination, distribution_based_fusion, reciprocal_rank_fusion
from searchapp.stores.base import SparseVector, Store

MODES = ("dense", "lexical", "hybrid")
FUSIONS = ("convex", "rrf", "dbsf")

CANDIDATES = 100
"""Depth of each leg before fusion."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored passage before it becomes a hit; `scores` holds its parts by stage."""

    id: str
    score: float
    payload: Mapping[str, Any]
    scores: Mapping[str, float] = field(default_factory=dict)


def retrieve(
    store: Store,
    *,
    dense: FloatArray | None,
    sparse: SparseVector | None,
    limit: int,
    filters: Filters | None = None,
    fusion: Fusion = "convex",
    depth: int = CANDIDATES,
) -> list[Candidate]:
    """Query the legs that are given and fuse them when both are.

    Args:
        dense: (dimension,) query vector; None leaves the dense leg out.
        sparse: Query terms; None leaves the lexical leg out.
        limit: Number of candidates returned.
        fusion: How both legs become one: `convex`, `rrf` or `dbsf`; see `searchapp.ranking.fusion`.
        depth: Candidates taken from each leg before fusion; at least `limit` are.

    Returns:
        Best first; `scores` has `dense` and `lexical` where the leg returned the passage, and `fused`.
    """
    if dense is None or sparse is None:
        name, points = "dense", []
        if dense is not None:
            points = store.query_dense(dense, limit=limit, filters=filters)
        elif sparse is not None:
            name, points = "lexical", store.query_sparse(sparse, limit=limit, filters=filters)
        return [Candidate(point.id, point.score, point.payload, {name: point.score}) for point in points]
    wanted = max(limit, depth)
    legs = {
        "dense": store.query_dense(dense, limit=wanted, filters=filters, with_payload=False),
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
        )
        for point in store.retrieve(list(fused))
    ]


def _fuse(parts: Mapping[str, Mapping[str, float]], fusion: Fusion) -> dict[str, float]:
    if fusion == "rrf":
        return reciprocal_rank_fusion({name: list(scores) for name, scores in parts.items()})
    scored = {name: list(scores.items()) for name, scores in parts.items()}
    if fusion == "dbsf":
        return distribution_based_fusion(scored)
    return convex_combination(scored["dense"], scored["lexical"])
