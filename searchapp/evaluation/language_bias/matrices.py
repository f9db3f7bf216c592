"""Average values by query language and passage language."""

from __future__ import annotations

import numpy as np

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values


def language_matrix(values: Values, *, rows: IntArray, columns: IntArray, shape: tuple[int, int]) -> Values:
    """Average values by query language and passage language; NaN values and negative indices are ignored.

    Args:
        values: (n,) values.
        rows: (n,) query language.
        columns: (n,) passage language.
        shape: Number of query languages and of passage languages.
    """
    kept = np.isfinite(values) & (rows >= 0) & (columns >= 0)
    where = rows[kept] * shape[1] + columns[kept]
    size = shape[0] * shape[1]
    with np.errstate(invalid="ignore"):
        mean = np.bincount(where, values[kept], minlength=size) / np.bincount(where, minlength=size)
    return mean.reshape(shape)
