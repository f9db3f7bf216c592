"""What a debias transform is, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray
from searchapp.errors import BuildError

FEWEST = 20
"""Vectors from which a language counts as seen: a mean of fewer says more about their topics than about the language."""


class DebiasTransform(Protocol):
    """Maps queries and passages to vectors in which the language counts for less; immutable and thread-safe.

    Both directions give unit vectors (a vector that the transform leaves nothing of stays as it was). `und`, languages
    that the fit did not see and those with fewer than `FEWEST` vectors in it are handled as each transform documents.
    """

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """Hyper-parameters and what the fit saw, as JSON values."""
        ...

    def transform_queries(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Map query embeddings (n, dimension), each in the language of its place."""
        ...

    def transform_passages(self, vectors: FloatArray, languages: Sequence[str]) -> FloatArray:
        """Map passage embeddings (n, dimension), each in the language of its place."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was fitted, for the file."""
        ...


def rows_by_language(languages: Sequence[str]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each language with the places that it has."""
    names = np.asarray(languages, dtype=str)
    for language in sorted(set(names.tolist())):
        yield language, np.flatnonzero(names == language)


def seen_languages(
    vectors: FloatArray, languages: Sequence[str], *, name: str, fewest: int = FEWEST
) -> dict[str, NDArray[np.int64]]:
    """Rows of the languages that can be fitted.

    Raises:
        BuildError: There are fewer than two of them, or the arguments do not fit each other.
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
