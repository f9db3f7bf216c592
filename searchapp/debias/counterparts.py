"""Counterparts: a passage also stands for what the collection says in other languages (this project's own method)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import rows_by_language
from searchapp.debias.neighbours import NONE, Reference
from searchapp.errors import BuildError, ConfigurationError
from searchapp.statistics.vectors import unit

STRENGTH = 1.5
MARGIN = 1.05
MOST = 100_000
"""Vectors kept as the reference: the search for counterparts compares everything with everything."""

FULL = 1 / 3
"""Share of the other languages in which a passage must have counterparts for them to weigh in full."""


class Counterparts:
    """p + strength x mean of p's counterparts' vectors, renormalised; queries stay as they are.

    A counterpart is a passage that is the nearest one in its language and has p for its own nearest, whose similarity
    exceeds `margin` times the mean of both sides' four nearest (the ratio margin that mines bitext: Artetxe & Schwenk,
    2019), and that a third language confirms: both have the same counterpart there. Where a language gives none, what
    most of p's counterparts have there is taken. So a passage is found through its translations' words too. Label-free:
    it needs the collection's vectors and languages, no translations, no questions.

    What it does rests on what the collection holds: a passage without counterparts stays as it was, and one with few
    is moved less. `und` and languages with fewer than four vectors may have counterparts, but are none. With two languages
    nothing can be confirmed: only pairs with a margin of 1.3 count.

    Args:
        reference: The vectors that were fitted, with their counterparts.
        strength: Weight of the counterparts beside the passage at 1.
    """

    name = "counterparts"

    def __init__(self, *, reference: Reference, strength: float) -> None:
        self._reference = reference
        self._strength = strength

    @classmethod
    def fit(
        cls, vectors: FloatArray, languages: Sequence[str], *, strength: float = STRENGTH, margin: float = MARGIN
    ) -> Counterparts:
        """Find the counterparts among vectors.

        Args:
            vectors: (vectors, dimension), unit length.
            languages: One language per vector, BCP 47.
            strength: Weight of the mean of the counterparts; the passage itself weighs 1.
            margin: At least 1; higher finds fewer and surer ones.

        Raises:
            BuildError: There is one language only, or more than 100,000 vectors: draw a sample of them.
        """
        if not (strength > 0 and margin >= 1):
            raise ConfigurationError(f"counterparts: strength {strength} and margin {margin}, expected > 0 and >= 1")
        if len(vectors) > MOST:
            raise BuildError(f"counterparts: {len(vectors):,} vectors, at most {MOST:,}; give a --sample of that size")
        return cls(reference=Reference.mine(vectors, languages, margin=margin, name=cls.name), strength=strength)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Counterparts:
        """Read back what `arrays` gave."""
        reference = Reference(
            vectors=arrays["vectors"].astype(np.float32),
            bounds=tuple(arrays["bounds"].tolist()),
            languages=tuple(arrays["languages"].tolist()),
            links=arrays["links"],
            margin=float(settings["margin"]),
        )
        return cls(reference=reference, strength=float(settings["strength"]))

    @property
    def settings(self) -> dict[str, Any]:
        """Strength, margin, the languages seen, and in how many other languages a passage has a counterpart."""
        links = self._reference.links
        return {
            "strength": self._strength,
            "margin": self._reference.margin,
            "languages": list(self._reference.languages),
            "counterparts_per_passage": round(float((links != NONE).sum(axis=1).mean()), 3),
            "passages_with_counterparts": round(float((links != NONE).any(axis=1).mean()), 4),
        }

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Leave queries as they are."""
        return vectors

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Add each passage's counterparts."""
        moved = vectors.astype(np.float32, copy=True)
        for language, rows in rows_by_language(languages):
            links = self._reference.counterparts(vectors[rows], language)
            found = links != NONE
            others = len([code for code in self._reference.languages if code != language])
            weight = self._strength / np.maximum(found.sum(axis=1), max(1.0, FULL * others))
            for column in range(links.shape[1]):
                some = np.flatnonzero(found[:, column])
                moved[rows[some]] += weight[some, None] * self._reference.vectors[links[some, column]]
        return unit(moved, otherwise=vectors)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The reference, its vectors in half precision."""
        return {
            "vectors": self._reference.vectors.astype(np.float16),
            "bounds": np.array(self._reference.bounds, dtype=np.int64),
            "languages": np.array(self._reference.languages, dtype=str),
            "links": self._reference.links,
        }
