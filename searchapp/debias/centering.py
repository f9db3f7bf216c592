"""Centering: subtract the mean of the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import rows_by_language, seen_languages
from searchapp.statistics.vectors import unit


class Centering:
    """e - mean of e's language, renormalised. Label-free: needs vectors and their languages only.

    `und` and unseen languages lose the mean of the languages' means: what all languages share goes, and nothing is
    guessed about their own.

    Args:
        languages: Those that were seen, sorted.
        means: (languages, dimension).
    """

    name = "centering"

    def __init__(self, *, languages: Sequence[str], means: FloatArray) -> None:
        self._rows = {language: row for row, language in enumerate(languages)}
        self._means = means
        self._shared: FloatArray = means.mean(axis=0)

    @classmethod
    def fit(cls, vectors: FloatArray, languages: Sequence[str]) -> Centering:
        """Take the mean of every language with enough vectors."""
        seen = seen_languages(vectors, languages, name=cls.name)
        means = np.stack([vectors[rows].mean(axis=0) for rows in seen.values()]).astype(np.float32)
        return cls(languages=list(seen), means=means)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Centering:
        """Read back what `arrays` gave."""
        return cls(languages=arrays["languages"].tolist(), means=arrays["means"])

    @property
    def settings(self) -> dict[str, Any]:
        """The languages seen."""
        return {"languages": list(self._rows)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Subtract each query's language's mean."""
        moved = vectors.copy()
        for language, rows in rows_by_language(languages):
            moved[rows] -= self._means[self._rows[language]] if language in self._rows else self._shared
        return unit(moved, otherwise=vectors)

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Subtract each passage's language's mean."""
        return self.transform_queries(vectors, languages)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Languages and means."""
        return {"languages": np.array(list(self._rows), dtype=str), "means": self._means}
