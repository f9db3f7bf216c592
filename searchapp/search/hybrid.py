"""Searches both legs of a hybrid search and fuses what they find, with the parts of every score kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from searchapp.datatypes import Filters, FloatArray, Fusion, SparseVector
from searchapp.options import PLAIN, Ranking
from searchapp.search.fusion import (
    CONVEX_WEIGHT,
    INTERLEAVED_WEIGHT,
    convex_combination,
    distribution_based_fusion,
    interleaved_combination,
    reciprocal_rank_fusion,
)
from searchapp.statistics.vectors import unit
from searchapp.stores.base import ScoredPoint, Store, VectorName

LEXICAL_WEIGHTS: Mapping[Fusion, float] = {
    "interleaved": INTERLEAVED_WEIGHT,
    "convex": CONVEX_WEIGHT,
    "rrf": 1.0,
    "wrrf": 0.3,
    "dbsf": 1.0,
}
"""Weight of the lexical leg relative to the dense leg's 1, by fusion; `wrrf` is `rrf` with a smaller one, because the
lexical leg mostly finds the query's own language."""


class Ranked(NamedTuple):
    """A passage's id, its score, and the parts of the score by leg."""

    id: str
    score: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """How a hybrid search fuses its legs, with every default resolved.

    Attributes:
        method: The fusion.
        lexical_weight: Weight of the lexical leg relative to the dense leg's 1.
        rrf_k: The constant of `rrf` and `wrrf`.
        feedback: Weight of the best fused passage's vector in the second dense search; 0 leaves that search out.
        depth: Candidates taken from each leg before fusion, at least as many as are asked for.
    """

    method: Fusion
    lexical_weight: float
    rrf_k: int
    feedback: float
    depth: int

    @classmethod
    def of(cls, ranking: Ranking, *, query_languages: int = 1) -> FusionSettings:
        """Resolve what a `Ranking` leaves open.

        Args:
            ranking: The choices of a search.
            query_languages: Number of languages that the query is in. The lexical leg finds passages in one of them by a
                part of the query, so the default weight of `interleaved` and `convex` is divided by it (see
                docs/hybrid.md).
        """
        weight = ranking.lexical_weight
        if weight is None:
            shared = query_languages if ranking.fusion in ("interleaved", "convex") else 1
            weight = LEXICAL_WEIGHTS[ranking.fusion] / max(1, shared)
        return cls(
            method=ranking.fusion,
            lexical_weight=weight,
            rrf_k=ranking.rrf_k,
            feedback=ranking.feedback_weight,
            depth=ranking.depth,
        )


DEFAULT_FUSION = FusionSettings.of(PLAIN)


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Runs the two legs of one query and fuses them; ids and scores only.

    Attributes:
        store: An open version of a collection.
        dense: (dimension,) query vector.
        using: Name of the stored vectors that `dense` is compared with.
        terms: Query terms.
        filters: Conditions by stored field.
        settings: How the legs are fused.
    """

    store: Store
    dense: FloatArray
    using: VectorName
    terms: SparseVector
    filters: Filters | None
    settings: FusionSettings

    def best(self, limit: int) -> list[Ranked]:
        """Search both legs, fuse them and return the best passages, best first.

        Args:
            limit: Number of passages.
        """
        wanted = max(limit, self.settings.depth)
        near, found = self.store.query_legs(
            self.dense, self.terms, limit=wanted, filters=self.filters, using=self.using
        )
        dense, lexical = _scores(near), _scores(found)
        if lexical and self.settings.feedback:
            known = {point.id: vector for point in (*near, *found) if (vector := point.vector(self.using)) is not None}
            dense = self._with_feedback(dense, lexical, wanted, known)
        legs = {"dense": dense, "lexical": lexical}
        return [
            Ranked(id_, score, {**{name: leg[id_] for name, leg in legs.items() if id_ in leg}, "fused": score})
            for id_, score in islice(self._fuse(dense, lexical).items(), limit)
        ]

    def _with_feedback(
        self, dense: dict[str, float], lexical: Mapping[str, float], wanted: int, known: Mapping[str, FloatArray]
    ) -> dict[str, float]:
        """Search the dense leg again, with the vector of the best fused passage added to the query's."""
        best = next(iter(convex_combination(list(dense.items()), list(lexical.items()), weight=INTERLEAVED_WEIGHT)))
        vector = known.get(best)
        if vector is None:
            read = self.store.retrieve([best], with_payload=False, with_vectors=True)
            vector = read[0].vector(self.using) if read else None
        if vector is None:
            return dense
        moved = unit(self.dense + self.settings.feedback * unit(vector))
        return _scores(
            self.store.query_dense(moved, limit=wanted, filters=self.filters, with_payload=False, using=self.using)
        )

    def _fuse(self, dense: Mapping[str, float], lexical: Mapping[str, float]) -> dict[str, float]:
        method, weight = self.settings.method, self.settings.lexical_weight
        if method in ("rrf", "wrrf"):
            ids = {"dense": list(dense), "lexical": list(lexical)}
            return reciprocal_rank_fusion(ids, k=self.settings.rrf_k, weights={"lexical": weight})
        near, found = list(dense.items()), list(lexical.items())
        if method == "dbsf":
            return distribution_based_fusion({"dense": near, "lexical": found}, weights={"lexical": weight})
        if method == "convex":
            return convex_combination(near, found, weight=weight)
        language_of = self.store.languages(list({**dense, **lexical}))
        return interleaved_combination(near, found, language_of=language_of, weight=weight)


def _scores(points: Sequence[ScoredPoint]) -> dict[str, float]:
    return {point.id: point.score for point in points}
