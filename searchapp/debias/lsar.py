"""Remove one low-rank subspace that separates the languages (LSAR)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import seen_languages
from searchapp.errors import ConfigurationError
from searchapp.statistics.vectors import unit


class SubspaceRemoval:
    """Removes a shared subspace: e - M Mᵀ e, with M the top singular vectors of the language means. Needs no labels.

    The subspace is shared, so it also applies to `und` and unseen languages; languages with too few vectors do not
    contribute to it. The means are not centred: the first direction is close to what all languages share.

    Args:
        basis: (rank, dimension) with orthonormal rows.
        languages: Languages whose means were used.
    """

    name = "lsar"

    def __init__(self, *, basis: FloatArray, languages: Sequence[str]) -> None:
        self._basis = basis
        self._languages = tuple(languages)

    @classmethod
    def fit(cls, vectors: FloatArray, languages: Sequence[str], *, rank: int | None = None) -> SubspaceRemoval:
        """Decompose the matrix of the languages' mean vectors.

        Args:
            vectors: (vectors, dimension) unit vectors.
            languages: BCP 47 language of each vector.
            rank: Number of directions to remove, at most the number of languages; one less by default.
        """
        seen = seen_languages(vectors, languages, name=cls.name)
        most = min(len(seen), vectors.shape[1] - 1)
        wanted = min(len(seen) - 1, most) if rank is None else rank
        if not 1 <= wanted <= most:
            raise ConfigurationError(f"lsar: rank is {wanted}, expected 1 to {most} for {len(seen)} languages")
        means = np.stack([vectors[rows].mean(axis=0) for rows in seen.values()])
        axes = np.linalg.svd(means.astype(np.float64), full_matrices=False)[2]
        return cls(basis=axes[:wanted].astype(np.float32), languages=list(seen))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> SubspaceRemoval:
        """Restore a fitted transform.

        Args:
            arrays: Arrays returned by `arrays()`.
            settings: Settings of the fitted transform; not used.
        """
        return cls(basis=arrays["basis"], languages=arrays["languages"].tolist())

    @property
    def settings(self) -> dict[str, Any]:
        """Return the rank and the fitted languages."""
        return {"rank": len(self._basis), "languages": list(self._languages)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Remove the subspace from queries; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each query; not used.
        """
        removed = np.asarray((vectors @ self._basis.T) @ self._basis, dtype=np.float32)
        return unit(vectors - removed, otherwise=vectors)

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Remove the subspace from passages; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each passage; not used.
        """
        return self.transform_queries(vectors, languages)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the basis and the fitted languages."""
        return {"basis": self._basis, "languages": np.array(self._languages, dtype=str)}
