"""Rank by maximal marginal relevance (Carbonell & Goldstein 1998): each hit is relevant and unlike the hits above it.

The next hit is the one with the largest (1 − d) · relevance − d · largest cosine to a hit above it; the paper's λ is 1 − d.
Relevance is the previous score scaled to [0, 1] over the candidates, so that it has the same weight whatever the scale of the
fusion's scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question
from searchapp.statistics.vectors import unit


@dataclass(frozen=True, slots=True)
class DiversityStage:
    """Orders the first candidates by marginal relevance. A candidate without a vector resembles nothing.

    A place keeps the score that it had before, so that scores keep falling. The sort key is kept in `scores["diversity"]`.

    Args:
        diversity: d, 0 to 1; 0 keeps the order.
        places: Number of candidates to order; the same for all pages, so that pages are consistent.
    """

    diversity: float
    places: int
    name: str = "diversity"
    needs_vectors: bool = True
    needs_fields: tuple[str, ...] = ()

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Order the candidates by marginal relevance.

        Args:
            candidates: Candidates, best first, with their vectors.
            question: The search; not used.
        """
        head, tail = candidates[: self.places], candidates[self.places :]
        if self.diversity == 0 or len(head) < 2:
            return list(candidates)
        order, marginal = marginal_relevance(
            np.array([candidate.score for candidate in head]), _vectors(head), diversity=self.diversity
        )
        return [
            replace(head[position], score=place.score, scores={**head[position].scores, "diversity": value})
            for position, value, place in zip(order, marginal, head, strict=True)
        ] + list(tail)


def marginal_relevance(
    scores: NDArray[np.float64], vectors: FloatArray, *, diversity: float
) -> tuple[list[int], list[float]]:
    """Order items by marginal relevance; ties keep their order.

    Args:
        scores: (items,) relevance on any scale.
        vectors: (items, dimension) unit vectors; zeros resemble nothing.
        diversity: d, 0 to 1.

    Returns:
        Positions, best first, and the marginal relevance of each at the time it was chosen.
    """
    spread = float(scores.max() - scores.min())
    relevance = (scores - scores.min()) / spread if spread > 0 else np.ones(len(scores))
    alike = vectors @ vectors.T
    nearest = np.full(len(scores), -np.inf)
    order: list[int] = []
    values: list[float] = []
    left = np.ones(len(scores), dtype=bool)
    for _ in range(len(scores)):
        marginal = (1 - diversity) * relevance - (diversity * nearest if order else 0.0)
        chosen = int(np.argmax(np.where(left, marginal, -np.inf)))
        order.append(chosen)
        values.append(float(marginal[chosen]))
        left[chosen] = False
        nearest = np.maximum(nearest, alike[chosen])
    return order, values


def _vectors(candidates: Sequence[Candidate]) -> FloatArray:
    dimension = max((len(c.vector) for c in candidates if c.vector is not None), default=1)
    matrix = np.zeros((len(candidates), dimension), dtype=np.float32)
    for row, candidate in enumerate(candidates):
        if candidate.vector is not None:
            matrix[row] = candidate.vector
    return unit(matrix)
