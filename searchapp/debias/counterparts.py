"""Add to each passage its counterparts in the collection's other languages (a method of this project)."""

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
"""Maximum vectors in the reference, because the search for counterparts compares all pairs."""

FULL = 1 / 3
"""Share of the other languages in which a passage needs counterparts for them to have full weight."""


class Counterparts:
    """Moves passages, not queries: p + strength x mean of the vectors of p's counterparts, renormalised.

    A counterpart of p meets three conditions. It is the passage of its language nearest to p, and p is its nearest in turn.
    The pair's similarity exceeds `margin` times the mean similarity of both sides' four nearest (the ratio margin of bitext
    mining: Artetxe & Schwenk, 2019). A third language confirms it: both passages have the same counterpart there. A missing
    counterpart is taken from the majority of p's other counterparts. A passage is thus also found through the words of its
    translations. Needs no labels, only the collection's vectors and languages; no translations or questions.

    The effect depends on the content of the collection: a passage without counterparts stays unchanged, and one with few is
    moved less. Passages in `und` and in languages with fewer than four vectors may have counterparts but are never used as
    such. With only two languages no pair can be confirmed, so only pairs with a margin of 1.3 are used.

    Args:
        reference: The fitted vectors with their counterparts.
        strength: Weight of the mean of the counterparts, relative to the passage's 1.
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
            vectors: (vectors, dimension) unit vectors.
            languages: BCP 47 language of each vector.
            strength: Weight of the mean of the counterparts, relative to the passage's 1.
            margin: Minimum ratio margin, at least 1; a higher one finds fewer and more reliable counterparts.

        Raises:
            BuildError: There is only one language, or there are more than 100,000 vectors: draw a sample of them.
        """
        if not (strength > 0 and margin >= 1):
            raise ConfigurationError(f"counterparts: strength {strength} and margin {margin}, expected > 0 and >= 1")
        if len(vectors) > MOST:
            raise BuildError(f"counterparts: {len(vectors):,} vectors, at most {MOST:,}; give a --sample of that size")
        return cls(reference=Reference.mine(vectors, languages, margin=margin, name=cls.name), strength=strength)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Counterparts:
        """Restore a fitted transform.

        Args:
            arrays: Arrays returned by `arrays()`.
            settings: Its `settings`, with `strength` and `margin`.
        """
        vectors, bounds, links = arrays["vectors"], arrays["bounds"], arrays["links"]
        if links.size and not NONE <= int(links.min()) <= int(links.max()) < len(vectors):
            raise ValueError(f"counterparts {links.min()} to {links.max()} of {len(vectors):,} passages")
        if bounds.ndim != 1 or bounds[0] != 0 or bounds[-1] != len(vectors) or (np.diff(bounds) < 0).any():
            raise ValueError(f"languages of {len(vectors):,} passages are bounded at {bounds.tolist()[:20]}")
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
        """Return strength, margin, the fitted languages, and the mean number of languages with a counterpart per passage."""
        links = self._reference.links
        return {
            "strength": self._strength,
            "margin": self._reference.margin,
            "languages": list(self._reference.languages),
            "counterparts_per_passage": round(float((links != NONE).sum(axis=1).mean()), 3),
            "passages_with_counterparts": round(float((links != NONE).any(axis=1).mean()), 4),
        }

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Return queries unchanged.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each query; not used.
        """
        return vectors

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Add each passage's counterparts; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each passage.
        """
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
        """Return the reference, with vectors in half precision."""
        return {
            "vectors": self._reference.vectors.astype(np.float16),
            "bounds": np.array(self._reference.bounds, dtype=np.int64),
            "languages": np.array(self._reference.languages, dtype=str),
            "links": self._reference.links,
        }
