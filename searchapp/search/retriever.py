"""Retrieve the candidates of one query from one open version of a collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from searchapp.datatypes import Filters, FloatArray, SparseVector
from searchapp.ranking.candidates import UNREAD, Candidate
from searchapp.search.hybrid import DEFAULT_FUSION, FusionSettings, HybridSearch, Ranked
from searchapp.stores.base import DENSE, Fields, ScoredPoint, Store, VectorName
from searchapp.stores.payload import Payload


@dataclass(frozen=True, slots=True)
class Retriever:
    """Retrieves candidates by the dense leg, the lexical leg, or both fused. One instance per query and version.

    Attributes:
        store: The open version.
        dense: (dimension,) query vector in the space of `using`; None skips the dense leg.
        terms: Query terms; None skips the lexical leg.
        using: Name of the stored vectors that `dense` is compared with.
        filters: Conditions by stored field, or None.
        fusion: How to fuse the legs if both are searched.
        with_payload: Which stored fields candidates carry besides the language: all, none, or those named.
        with_vectors: Whether candidates carry the vectors that the dense leg compares with.
        without: Id of a passage that is never a candidate.
    """

    store: Store
    dense: FloatArray | None
    terms: SparseVector | None
    using: VectorName = DENSE
    filters: Filters | None = None
    fusion: FusionSettings = DEFAULT_FUSION
    with_payload: Fields = True
    with_vectors: bool = False
    without: str | None = None

    @property
    def leg(self) -> Literal["dense", "lexical"]:
        """The leg that ranks the passages of one language."""
        return "lexical" if self.dense is None else "dense"

    def candidates(self, limit: int) -> list[Candidate]:
        """Return the best candidates, best first.

        Args:
            limit: Number of candidates.

        Returns:
            Candidates whose `scores` contain `dense` and `lexical` if the leg returned the passage, and `fused` if both legs
            were searched.
        """
        asked = limit if self.without is None else limit + 1
        reads = self.with_payload or self.with_vectors
        points: Sequence[ScoredPoint] = ()
        if self.dense is not None and self.terms is not None:
            search = HybridSearch(self.store, self.dense, self.using, self.terms, self.filters, self.fusion)
            ranked = search.best(asked)
            if reads:
                ids = [entry.id for entry in ranked]
                points = self.store.retrieve(ids, with_payload=self.with_payload, with_vectors=self.with_vectors)
        else:
            points = self._search_leg(
                asked, self.filters, with_payload=self.with_payload, with_vectors=self.with_vectors
            )
            ranked = [Ranked(point.id, point.score, {self.leg: point.score}) for point in points]
        by_id = {point.id: point for point in points} if reads else {}
        return self._joined(ranked, by_id)[:limit]

    def best_in(self, language: str, limit: int) -> list[ScoredPoint]:
        """Return ids and scores of one language's best passages by `leg`, best first.

        Args:
            language: BCP 47 primary subtag.
            limit: Number of passages.
        """
        filters = {**(self.filters or {}), "language": [language]}
        found = self._search_leg(limit + (self.without is not None), filters, with_payload=False, with_vectors=False)
        return [point for point in found if point.id != self.without][:limit]

    def read(self, ids: Sequence[str]) -> list[Candidate]:
        """Read passages as candidates without a score, with the same fields as other candidates.

        Args:
            ids: Ids of the passages. Missing passages are skipped.
        """
        ranked = [Ranked(id_, 0.0, {}) for id_ in ids]
        if not (self.with_payload or self.with_vectors):
            return self._joined(ranked, {})
        points = self.store.retrieve(ids, with_payload=self.with_payload, with_vectors=self.with_vectors)
        return self._joined(ranked, {point.id: point for point in points})

    def _search_leg(
        self, limit: int, filters: Filters | None, *, with_payload: Fields, with_vectors: bool
    ) -> list[ScoredPoint]:
        """Search the dense leg if there is one, else the lexical leg."""
        if self.dense is not None:
            return self.store.query_dense(
                self.dense,
                limit=limit,
                filters=filters,
                with_payload=with_payload,
                with_vectors=with_vectors,
                using=self.using,
            )
        return self.store.query_sparse(
            self.terms or SparseVector(),
            limit=limit,
            filters=filters,
            with_payload=with_payload,
            with_vectors=with_vectors,
        )

    def _joined(self, ranked: Sequence[Ranked], points: dict[str, ScoredPoint]) -> list[Candidate]:
        """Join scores with the points that were read; points that a server lost in between are dropped."""
        if self.without is not None:
            ranked = [entry for entry in ranked if entry.id != self.without]
        if not (self.with_payload or self.with_vectors):
            languages = self.store.languages([id_ for id_, _, _ in ranked])
            return [Candidate(id_, score, languages[id_], scores) for id_, score, scores in ranked]
        ranked = [entry for entry in ranked if entry.id in points]
        if self.with_payload:
            payloads = {id_: Payload.read(points[id_].payload) for id_, _, _ in ranked}
            languages = {id_: payload.language for id_, payload in payloads.items()}
        else:
            payloads, languages = {}, self.store.languages([id_ for id_, _, _ in ranked])
        return [
            Candidate(
                id=id_,
                score=score,
                language=languages[id_],
                scores=scores,
                payload=payloads.get(id_, UNREAD),
                vector=points[id_].vector(self.using) if self.with_vectors else None,
            )
            for id_, score, scores in ranked
        ]
