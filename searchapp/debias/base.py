"""Define the protocol of debias transforms and the code that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray
from searchapp.errors import BuildError

FEWEST = 20
"""Minimum vectors of a language for fitting: the mean of fewer says more about their topics than about the language."""


class DebiasTransform(Protocol):
    """Maps queries and passages to vectors in which the language matters less. Immutable and thread-safe.

    Both directions return unit vectors; a vector that the transform would reduce to zero stays as it was. Each transform
    documents how it handles `und` and languages with fewer than `FEWEST` vectors in the fit.
    """

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return hyper-parameters and statistics of the fit as JSON values."""
        ...

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Map query embeddings to debiased unit vectors, (n, dimension).

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each embedding.
        """
        ...

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Map passage embeddings to debiased unit vectors, (n, dimension).

        Args:
            vectors: Embeddings, (n, dimension), float32, unit length.
            languages: Language of each embedding.
        """
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all fitted arrays, for the file."""
        ...


def rows_by_language(languages: Sequence[str]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each language with the indices of its rows.

    Args:
        languages: Language of each row.
    """
    names = np.asarray(languages, dtype=str)
    for language in sorted(set(names.tolist())):
        yield language, np.flatnonzero(names == language)


def seen_languages(
    vectors: FloatArray, languages: Sequence[str], *, name: str, fewest: int = FEWEST
) -> dict[str, NDArray[np.int64]]:
    """Find the rows of every language that has enough vectors to be fitted; `und` is left out.

    Args:
        vectors: Embeddings, (n, dimension).
        languages: Language of each embedding.
        name: Name of the transform, for messages.
        fewest: Minimum number of vectors of a language.

    Returns:
        Language -> indices of its rows, sorted by language.

    Raises:
        BuildError: There are fewer than two such languages, or the arguments differ in length.
    """
    if vectors.ndim != 2 or len(vectors) != len(languages):
        raise BuildError(
            f"{name}: {len(languages):,} languages for vectors of shape {vectors.shape}; expected one each"
        )
    found = {
        language: rows
        for language, rows in rows_by_language(languages)
        if language != UNKNOWN_LANGUAGE and len(rows) >= fewest
    }
    if len(found) < 2:
        raise BuildError(
            f"{name}: {len(found)} languages with at least {fewest} vectors, expected two or more; "
            "fit on more text, or on parallel text (--from-parallel)"
        )
    return found
