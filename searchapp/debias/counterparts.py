"""Counterparts: a passage also stands for what the collection says in other languages (this project's own method)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import rows_by_language, unit
from searchapp.debias.neighbours import Reference
from searchapp.errors import BuildError, ConfigurationError

STRENGTH = 2.0
MARGIN = 1.1
MOST = 100_000
"""Vectors kept as the reference: the search for counterparts compares everything with everything."""


class Counterparts:
    """p + strength x (sum of p's counterparts' vectors / other languages), renormalised; queries stay as they are.

    A counterpart is a passage that is the nearest one in its language, whose nearest one in p's language is p, and
    whose similarity exceeds `margin` times the mean of both sides' four nearest (the ratio margin that mines bitext:
    Artetxe & Schwenk, 2019). So a passage is found through its translations' words too. Label-free: it needs
    the collection's vectors and languages, no translations and no questions.

    What it does rests on what the collection holds: with no counterpart a passage stays as it was, and the sum is
    divided by the number of other languages so that a stray match moves it little. `und` and unseen languages may have
    counterparts, but are none. A passage that was not in the fit is compared as if it were.

    Args:
        reference: The vectors that were fitted, with their languages.
        strength: Weight of the counterparts beside the passage at 1, were there one in every language.
        margin: Above 1; higher finds fewer and surer ones.
    """

    name = "counterparts"

    def __init__(self, *, reference: Reference, strength: float, margin: float) -> None:
        self._reference = reference
        self._strength = strength
        self._margin = margin

    @classmethod
    def fit(
        cls, vectors: FloatArray, languages: Sequence[str], *, strength: float = STRENGTH, margin: float = MARGIN
    ) -> Counterparts:
        """Keep the vectors as the reference.

        Raises:
            BuildError: There is one language only, or more than 100,000 vectors: draw a sample of them.
        """
        if not (strength > 0 and margin >= 1):
            raise ConfigurationError(f"counterparts: strength {strength} and margin {margin}, expected > 0 and >= 1")
        if len(vectors) > MOST:
            raise BuildError(f"counterparts: {len(vectors):,} vectors, at most {MOST:,}; give a --sample of that size")
        return cls(reference=Reference.of(vectors, languages, name=cls.name), strength=strength, margin=margin)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Counterparts:
        """Read back what `arrays` gave."""
        reference = Reference(
            vectors=arrays["vectors"].astype(np.float32),
            bounds=tuple(arrays["bounds"].tolist()),
            languages=tuple(arrays["languages"].tolist()),
        )
        return cls(reference=reference, strength=float(settings["strength"]), margin=float(settings["margin"]))

    @property
    def settings(self) -> dict[str, Any]:
        """Strength, margin and the languages seen."""
        return {"strength": self._strength, "margin": self._margin, "languages": list(self._reference.languages)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Leave queries as they are."""
        return vectors

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Add each passage's counterparts."""
        moved = vectors.astype(np.float32, copy=True)
        for language, rows in rows_by_language(languages):
            others = len([code for code in self._reference.languages if code != language])
            found = self._reference.counterparts(vectors[rows], language, margin=self._margin)
            for places, columns in found:
                # one passage has one counterpart per language at most, so no row repeats within a language
                moved[rows[places]] += (self._strength / others) * self._reference.vectors[columns]
        return unit(moved, otherwise=vectors)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The reference in half precision."""
        return {
            "vectors": self._reference.vectors.astype(np.float16),
            "bounds": np.array(self._reference.bounds, dtype=np.int64),
            "languages": np.array(self._reference.languages, dtype=str),
        }
