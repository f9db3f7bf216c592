"""Search both legs of a hybrid search and fuse their results, keeping the parts of every score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from searchapp.datatypes import Filters, FloatArray, Fusion, SparseVector
from searchapp.encoders.calibration import Calibration
from searchapp.options import PLAIN, Ranking
from searchapp.search.fusion import (
    CONVEX_WEIGHT,
    convex_combination,
    distribution_based_fusion,
    interleaved_combination,
    reciprocal_rank_fusion,
)
from searchapp.statistics.vectors import unit
from searchapp.stores.base import ScoredPoint, Store, VectorName

LEXICAL_WEIGHTS: Mapping[Fusion, float] = {
    "convex": CONVEX_WEIGHT,
    "rrf": 1.0,
    "wrrf": 0.3,
    "dbsf": 1.0,
}
"""Weight of the lexical leg relative to the dense leg's 1, by fusion. The encoder sets that of `interleaved`. `wrrf` is
`rrf` with a smaller weight, because the lexical leg mostly finds the query's own language."""


BAG_OF_WORDS = Calibration()


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
        first_weight: The same for the first fusion, whose best passage gives feedback.
        relative: Whether both weights are multiples of the difference between the search's first and last cosine.
        rrf_k: The constant of `rrf` and `wrrf`.
        feedback: Weight of the best fused passage's vector in a second dense search; 0 omits that search.
        feedback_above: Minimum cosine of the best fused passage for feedback.
        depth: Candidates retrieved from each leg before fusion, at least as many as requested.
    """

    method: Fusion
    lexical_weight: float
    first_weight: float
    relative: bool
    rrf_k: int
    feedback: float
    feedback_above: float
    depth: int

    @classmethod
    def of(
        cls, ranking: Ranking, *, query_languages: int = 1, calibration: Calibration = BAG_OF_WORDS
    ) -> FusionSettings:
        """Resolve the settings that a `Ranking` leaves open.

        Args:
            ranking: Options of the search.
            query_languages: Number of languages in the query. The lexical leg matches a passage in one of them with only a
                part of the query, so the default weight of `interleaved` and `convex` is divided by this number (see
                docs/hybrid.md).
            calibration: The encoder's calibration.
        """
        own = ranking.lexical_weight is None and ranking.fusion == "interleaved"
        weight = calibration.lexical_weight if own else ranking.lexical_weight
        if weight is None:
            weight = LEXICAL_WEIGHTS[ranking.fusion]
        if ranking.lexical_weight is None and ranking.fusion in ("interleaved", "convex"):
            weight /= max(1, query_languages)
        feedback = ranking.feedback
        if feedback is None:
            feedback = calibration.feedback if ranking.fusion == "interleaved" else 0.0
        return cls(
            method=ranking.fusion,
            lexical_weight=weight,
            first_weight=calibration.lexical_weight,
            relative=own and calibration.relative,
            rrf_k=ranking.rrf_k,
            feedback=feedback,
            feedback_above=calibration.feedback_above,
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
        cosines, lexical = _scores(near), _scores(found)
        dense, spread = cosines, _spread(cosines) if self.settings.relative else 1.0
        if lexical and self.settings.feedback:
            known = {point.id: vector for point in (*near, *found) if (vector := point.vector(self.using)) is not None}
            dense = self._with_feedback(cosines, lexical, wanted, known)
        legs = {"dense": dense, "lexical": lexical}
        if dense is not cosines:
            legs["cosine"] = cosines  # of the query itself
        return [
            Ranked(id_, score, {**{name: leg[id_] for name, leg in legs.items() if id_ in leg}, "fused": score})
            for id_, score in islice(self._fuse(dense, lexical, spread).items(), limit)
        ]

    def _with_feedback(
        self, dense: dict[str, float], lexical: Mapping[str, float], wanted: int, known: Mapping[str, FloatArray]
    ) -> dict[str, float]:
        """Repeat the dense search with the vector of the best fused passage added to the query's."""
        weight = self.settings.first_weight * (_spread(dense) if self.settings.relative else 1.0)
        best = next(iter(convex_combination(list(dense.items()), list(lexical.items()), weight=weight)))
        if dense.get(best, -1.0) < self.settings.feedback_above:
            return dense
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

    def _fuse(self, dense: Mapping[str, float], lexical: Mapping[str, float], spread: float) -> dict[str, float]:
        method, weight = self.settings.method, self.settings.lexical_weight * spread
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


def _spread(scores: Mapping[str, float]) -> float:
    """Return the difference between the first and the last score; 1 if there is none."""
    return (max(scores.values()) - min(scores.values()) if scores else 0.0) or 1.0


def _scores(points: Sequence[ScoredPoint]) -> dict[str, float]:
    return {point.id: point.score for point in points}
