"""Pool token embeddings as sentence-transformers does, in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray

IntArray = NDArray[np.int64]


def pool(states: FloatArray, mask: IntArray, poolings: Sequence[str]) -> FloatArray:
    """Combine each text's token embeddings into one embedding.

    Args:
        states: (texts, tokens, width) token embeddings.
        mask: (texts, tokens), 1 for tokens and 0 for padding.
        poolings: Names in `POOLINGS`; several are concatenated.

    Returns:
        (texts, width × poolings), not normalised.
    """
    return np.concatenate([POOLINGS[name](states, mask) for name in poolings], axis=1)


def _mean(states: FloatArray, mask: IntArray) -> FloatArray:
    return _sum(states, mask.astype(np.float32)) / _count(mask)


def _mean_sqrt_length(states: FloatArray, mask: IntArray) -> FloatArray:
    roots: FloatArray = np.sqrt(_count(mask))
    return _sum(states, mask.astype(np.float32)) / roots


def _weighted_mean(states: FloatArray, mask: IntArray) -> FloatArray:
    """Weight each token by its position, from 1."""
    weights = (mask * np.arange(1, mask.shape[1] + 1)).astype(np.float32)
    totals: FloatArray = np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1e-9))
    return _sum(states, weights) / totals


def _max(states: FloatArray, mask: IntArray) -> FloatArray:
    greatest: FloatArray = np.where(mask[:, :, None] > 0, states, np.float32(-np.inf)).max(axis=1)
    return greatest


def _first(states: FloatArray, mask: IntArray) -> FloatArray:
    chosen: FloatArray = states[np.arange(len(states)), mask.argmax(axis=1)]
    return chosen


def _last(states: FloatArray, mask: IntArray) -> FloatArray:
    chosen: FloatArray = states[np.arange(len(states)), mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)]
    return chosen


def _sum(states: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum each text's token embeddings with weights: (texts, width)."""
    summed: FloatArray = np.matmul(weights[:, None, :], states)[:, 0, :]
    return summed


def _count(mask: IntArray) -> FloatArray:
    counts: FloatArray = np.maximum(mask.sum(axis=1, keepdims=True), 1).astype(np.float32)
    return counts


POOLINGS: Mapping[str, Callable[[FloatArray, IntArray], FloatArray]] = {
    "mean": _mean,
    "cls": _first,
    "max": _max,
    "lasttoken": _last,
    "weightedmean": _weighted_mean,
    "mean_sqrt_len_tokens": _mean_sqrt_length,
}
