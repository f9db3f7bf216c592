"""Measure alignment and uniformity of embeddings (Wang and Isola, 2020); lower is better for both."""

from __future__ import annotations

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.evaluation.measures import Values

SAMPLE = 2000


def alignment(queries: FloatArray, passages: FloatArray) -> Values:
    """Compute the squared distance of each query to its gold: (pairs,), between 0 and 4.

    Args:
        queries: Embedding of each pair's query, (pairs, dimension), unit length.
        passages: Embedding of each pair's gold, (pairs, dimension), unit length.
    """
    difference = queries - passages
    squares: Values = np.einsum("pd,pd->p", difference, difference, dtype=np.float64)
    return squares


def uniformity(embeddings: FloatArray, *, seed: int = 0, sample: int = SAMPLE) -> float:
    """Compute the logarithm of the mean of exp(-2 d²) over all pairs of a sample: 0 at one point, about -4 if spread out.

    Args:
        embeddings: (n, dimension) unit vectors, n of 2 or more.
        seed: Seed of the sample.
        sample: Maximum number of embeddings; more are sampled.
    """
    count = len(embeddings)
    if count < 2:
        return float("nan")
    if count > sample:
        embeddings = embeddings[np.random.default_rng(seed).choice(count, sample, replace=False)]
        count = sample
    wide = embeddings.astype(np.float64)
    squares = (wide**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * wide @ wide.T
    pairs = distances[np.triu_indices(count, k=1)]
    return float(np.log(np.exp(-2 * np.maximum(pairs, 0)).mean()))
