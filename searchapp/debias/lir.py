"""Remove one subspace per language: LIR, language information removal (Yang et al., 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import rows_by_language, seen_languages
from searchapp.errors import ConfigurationError
from searchapp.statistics.vectors import unit


class LanguageInformationRemoval:
    """Removes a subspace per language: e - U Uᵀ e, with U the top singular vectors of its uncentred matrix. Needs no labels.

    Vectors in `und` and unseen languages stay unchanged, because the directions of other languages do not apply to them.

    Args:
        languages: Fitted languages, sorted.
        bases: (languages, rank, dimension) with orthonormal rows.
    """

    name = "lir"

    def __init__(self, *, languages: Sequence[str], bases: FloatArray) -> None:
        self._rows = {language: row for row, language in enumerate(languages)}
        self._bases = bases

    @classmethod
    def fit(cls, vectors: FloatArray, languages: Sequence[str], *, rank: int = 1) -> LanguageInformationRemoval:
        """Decompose the matrix of each language's vectors.

        Args:
            vectors: (vectors, dimension) unit vectors.
            languages: BCP 47 language of each vector.
            rank: Number of directions to remove per language; less than the dimension.
        """
        if not 1 <= rank < vectors.shape[1]:
            raise ConfigurationError(f"lir: rank is {rank}, expected 1 to {vectors.shape[1] - 1}")
        seen = seen_languages(vectors, languages, name=cls.name, fewest=max(20, 2 * rank))
        bases = []
        for rows in seen.values():
            # The eigenvectors of XᵀX are the right singular vectors of X, and much cheaper for a long X.
            _, axes = np.linalg.eigh(vectors[rows].T.astype(np.float64) @ vectors[rows])
            bases.append(axes[:, ::-1][:, :rank].T)
        return cls(languages=list(seen), bases=np.stack(bases).astype(np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> LanguageInformationRemoval:
        """Restore a fitted transform.

        Args:
            arrays: Arrays returned by `arrays()`.
            settings: Settings of the fitted transform; not used.
        """
        return cls(languages=arrays["languages"].tolist(), bases=arrays["bases"])

    @property
    def settings(self) -> dict[str, Any]:
        """Return the rank and the fitted languages."""
        return {"rank": int(self._bases.shape[1]), "languages": list(self._rows)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Remove the directions of each query's language; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each query.
        """
        moved = vectors.copy()
        for language, rows in rows_by_language(languages):
            if language in self._rows:
                basis = self._bases[self._rows[language]]
                moved[rows] -= (vectors[rows] @ basis.T) @ basis
        return unit(moved, otherwise=vectors)

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Remove the directions of each passage's language; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each passage.
        """
        return self.transform_queries(vectors, languages)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return languages and bases."""
        return {"languages": np.array(list(self._rows), dtype=str), "bases": self._bases}
