"""Move each language's passages towards the source language: SHIFT (arXiv 2606.18801)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import FEWEST, rows_by_language
from searchapp.errors import BuildError, ConfigurationError
from searchapp.statistics.vectors import unit

ALPHA = 0.6


class Shift:
    """Shifts passages, not queries: z - α V for their language, V = mean(f(D_l) - f(D_src)) over parallel pairs.

    Vectors in the source language, `und` and unseen languages stay unchanged.

    Args:
        languages: Languages to move, sorted.
        shifts: (languages, dimension) mean differences.
        source: Language that the others are moved towards.
        alpha: Share of the mean difference to subtract, 0 to 1.
    """

    name = "shift"

    def __init__(self, *, languages: Sequence[str], shifts: FloatArray, source: str, alpha: float) -> None:
        self._rows = {language: row for row, language in enumerate(languages)}
        self._shifts = shifts
        self._source = source
        self._alpha = alpha

    @classmethod
    def fit(
        cls,
        vectors: FloatArray,
        languages: Sequence[str],
        *,
        groups: Sequence[int] | None,
        source: str | None = None,
        alpha: float = ALPHA,
    ) -> Shift:
        """Average the differences between translations.

        Args:
            vectors: (vectors, dimension) unit vectors.
            languages: BCP 47 language of each vector.
            groups: Group of each vector, equal for translations of each other.
            source: Language whose vectors stay. Default: English if present, else the language with the most vectors.
            alpha: Share of the mean difference to subtract, 0 to 1.

        Raises:
            BuildError: There are no groups, or no language has enough pairs with the source.
        """
        if groups is None:
            raise BuildError("shift is fitted on pairs of translations: give parallel text (--from-parallel)")
        if not 0 < alpha <= 1:
            raise ConfigurationError(f"shift: alpha is {alpha}, expected more than 0 and at most 1")
        by_language = dict(rows_by_language(languages))
        chosen = source or ("en" if "en" in by_language else max(by_language, key=lambda code: len(by_language[code])))
        numbers = np.asarray(groups)
        anchor = {int(numbers[row]): int(row) for row in by_language.get(chosen, ())}
        moved, shifts = [], []
        for language, rows in by_language.items():
            pairs = [(row, anchor[int(numbers[row])]) for row in rows if int(numbers[row]) in anchor]
            if language == chosen or len(pairs) < FEWEST:
                continue
            own, other = np.array(pairs).T
            moved.append(language)
            shifts.append((vectors[own] - vectors[other]).mean(axis=0))
        if not moved:
            raise BuildError(
                f"shift: no language has {FEWEST} pairs with {chosen!r}; name another source or give more text"
            )
        return cls(languages=moved, shifts=np.stack(shifts).astype(np.float32), source=chosen, alpha=alpha)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> Shift:
        """Restore a fitted transform.

        Args:
            arrays: Arrays returned by `arrays()`.
            settings: Its `settings`, with `source` and `alpha`.
        """
        return cls(
            languages=arrays["languages"].tolist(),
            shifts=arrays["shifts"],
            source=str(settings["source"]),
            alpha=float(settings["alpha"]),
        )

    @property
    def settings(self) -> dict[str, Any]:
        """Return the source language, α and the moved languages."""
        return {"source": self._source, "alpha": self._alpha, "languages": list(self._rows)}

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Return queries unchanged.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each query; not used.
        """
        return vectors

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Subtract the shift of each passage's language; return unit vectors.

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each passage.
        """
        moved = vectors.copy()
        for language, rows in rows_by_language(languages):
            if language in self._rows:
                moved[rows] -= self._alpha * self._shifts[self._rows[language]]
        return unit(moved, otherwise=vectors)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return languages and shifts."""
        return {"languages": np.array(list(self._rows), dtype=str), "shifts": self._shifts}
