"""Subtract the mean embedding of the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import rows_by_language, seen_languages
from searchapp.statistics.vectors import unit


class Centering:
    """Subtracts the mean of the vector's language and renormalises. Needs no labels, only vectors and their languages.

    For `und` and unseen languages the mean of the language means is subtracted, which removes only what all languages share.

    Args:
        languages: Fitted languages, sorted.
        means: (languages, dimension) mean vectors.
    """

    name = "centering"

    def __init__(self, *, languages: Sequence[str], means: FloatArray) -> None:
        self._rows = {language: row for row, language in enumerate(languages)}
        self._means = means
        self._shared: FloatArray = means.mean(axis=0)

    @classmethod
    def fit(cls, vectors: FloatArray, languages: Sequence[str]) -> Centering:
        """Compute the mean of every language with enough vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each embedding.

        Raises:
            BuildError: Fewer than two languages have enough vectors, or the arguments differ in length.
        """
        seen = seen_languages(vectors, languages, name=cls.name)
        means = np.stack([vectors[rows].mean(axis=0) for rows in seen.values()]).astype(np.float32)
        return cls(languages=list(seen), means=means)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Centering:
        """Restore a fitted transform.

        Args:
            arrays: Arrays returned by `arrays()`.
            settings: Settings of the fitted transform; not used.
        """
        return cls(languages=arrays["languages"].tolist(), means=arrays["means"])

    @property
    def settings(self) -> dict[str, Any]:
        """Return the fitted languages."""
        return {"languages": list(self._rows)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Subtract the mean of each query's language; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each query.
        """
        moved = vectors.copy()
        for language, rows in rows_by_language(languages):
            moved[rows] -= self._means[self._rows[language]] if language in self._rows else self._shared
        return unit(moved, otherwise=vectors)

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Subtract the mean of each passage's language; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each passage.
        """
        return self.transform_queries(vectors, languages)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return languages and means."""
        return {"languages": np.array(list(self._rows), dtype=str), "means": self._means}
