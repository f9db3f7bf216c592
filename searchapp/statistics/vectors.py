"""Scale embeddings to unit length."""

from __future__ import annotations

import numpy as np

from searchapp.datatypes import FloatArray

NOTHING = 1e-6
"""Length below which a vector has no meaningful direction."""


def unit(vectors: FloatArray, *, otherwise: FloatArray | None = None) -> FloatArray:
    """Scale vectors to unit length.

    Args:
        vectors: (..., dimension) vectors of any length.
        otherwise: (..., dimension) replacement for vectors of (almost) zero length; None leaves a vector of zeros as it
            is.

    Returns:
        (..., dimension) float32.
    """
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled = vectors / np.maximum(norms, 1e-12)
    if otherwise is not None:
        scaled = np.where(norms > NOTHING, scaled, otherwise)
    return np.asarray(scaled, dtype=np.float32)
