"""Unit vectors: the one place where embeddings are scaled to length one."""

from __future__ import annotations

import numpy as np

from searchapp.datatypes import FloatArray

NOTHING = 1e-6
"""Below this length a vector has no direction that is worth keeping."""


def unit(vectors: FloatArray, *, otherwise: FloatArray | None = None) -> FloatArray:
    """Scale vectors to length one.

    Args:
        vectors: (..., dimension) of any length.
        otherwise: (..., dimension) replaces vectors of (almost) no length; None scales them as they are, so that a
            vector of zeros stays zero.

    Returns:
        (..., dimension) float32.
    """
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled = vectors / np.maximum(norms, 1e-12)
    if otherwise is not None:
        scaled = np.where(norms > NOTHING, scaled, otherwise)
    return np.asarray(scaled, dtype=np.float32)
