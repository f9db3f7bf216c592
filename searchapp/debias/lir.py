"""LIR: language information removal (Yang et al., 2021), a subspace per language."""

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
    """e - U Uᵀ e with U the top singular vectors of the language's own, uncentred embedding matrix. Label-free.

    `und` and unseen languages are left as they are: what another language's embeddings have in common is not theirs.

    Args:
        languages: Those that were seen, sorted.
        bases: (languages, rank, dimension), rows orthonormal.
    """

    name = "lir"

    def __init__(self, *, languages: Sequence[str], bases: FloatArray) -> None:
        self._rows = {language: row for row, language in enumerate(languages)}
        self._bases = bases

    @classmethod
    def fit(cls, vectors: FloatArray, languages: Sequence[str], *, rank: int = 1) -> LanguageInformationRemoval:
        """Decompose the matrix of each language's vectors.

        Args:
            vectors: (vectors, dimension), unit length.
            languages: One language per vector, BCP 47.
            rank: Number of directions to remove per language; less than the dimension.
        """
        if not 1 <= rank < vectors.shape[1]:
            raise ConfigurationError(f"lir: rank is {rank}, expected 1 to {vectors.shape[1] - 1}")
        seen = seen_languages(vectors, languages, name=cls.name, fewest=max(20, 2 * rank))
        bases = []
        for rows in seen.values():
            # The eigenvectors of XᵀX are the right singular vectors of X, at a fraction of the work for long X.
            _, axes = np.linalg.eigh(vectors[rows].T.astype(np.float64) @ vectors[rows])
            bases.append(axes[:, ::-1][:, :rank].T)
        return cls(languages=list(seen), bases=np.stack(bases).astype(np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> LanguageInformationRemoval:
        """Read back what `arrays` gave."""
        return cls(languages=arrays["languages"].tolist(), bases=arrays["bases"])

    @property
    def settings(self) -> dict[str, Any]:
        """Rank and the languages seen."""
        return {"rank": int(self._bases.shape[1]), "languages": list(self._rows)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Remove each query's language's directions."""
        moved = vectors.copy()
        for language, rows in rows_by_language(languages):
            if language in self._rows:
                basis = self._bases[self._rows[language]]
                moved[rows] -= (vectors[rows] @ basis.T) @ basis
        return unit(moved, otherwise=vectors)

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Remove each passage's language's directions."""
        return self.transform_queries(vectors, languages)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Languages and bases."""
        return {"languages": np.array(list(self._rows), dtype=str), "bases": self._bases}
