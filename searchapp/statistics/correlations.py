"""Compute rank correlations of whole matrices at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def spearman(first: NDArray[np.float32], second: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Compute Spearman's correlation of two score matrices row by row; ties share their mean rank.

    Args:
        first: (rows, columns) scores.
        second: (rows, columns) scores of the same items.
        valid: (rows, columns) marks the items to include.

    Returns:
        (rows,) correlations in [-1, 1]; NaN if one side is constant or fewer than two items are included.
    """
    weights = valid.astype(np.float64)
    size = weights.sum(axis=1, keepdims=True)
    centred = []
    for scores in (first, second):
        ranks = _average_ranks(np.where(valid, scores, np.inf))
        mean = (ranks * weights).sum(axis=1, keepdims=True) / np.maximum(size, 1)
        centred.append((ranks - mean) * weights)
    product = (centred[0] * centred[1]).sum(axis=1)
    scale = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(scale > 0, product / scale, np.nan)


def _average_ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rank the values of each row; ties share their mean rank."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    width = values.shape[1]
    new = np.ones(values.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    place = np.arange(width)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    ends = np.ones(values.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    last = np.minimum.accumulate(np.where(ends, place, width)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(values.shape, dtype=np.float64)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=1)
    return ranks
