"""Even out the lengths of trained token vectors before they are rounded."""

from __future__ import annotations

import numpy as np

from training.static.develop import Floats


def even_out(vectors: Floats, *, power: float) -> Floats:
    """Raise each vector's length to a power; below 1, rare tokens with long vectors dominate less.

    Args:
        vectors: (vocabulary, dimension) token vectors.
        power: Exponent on the length; 1 changes nothing, 0 gives unit vectors.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = vectors * np.maximum(lengths, 1e-3) ** np.float32(power - 1)
    return scaled
