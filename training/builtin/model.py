"""Static embeddings: the weighted sum of a text's token vectors, normalised."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.builtin.data import IntArray, Tokens


class StaticModel(nn.Module):
    """One vector and one log weight per token.

    Args:
        frequencies: (vocabulary,) share of each token in the training text.
        dimension: Length of an embedding.
        sif: The `a` of the SIF weights a / (a + p) that the token weights start from.
    """

    def __init__(self, frequencies: NDArray[np.float64], *, dimension: int, sif: float) -> None:
        super().__init__()
        self.vectors = nn.EmbeddingBag(len(frequencies), dimension, mode="sum")
        nn.init.normal_(self.vectors.weight, std=dimension**-0.5)
        start = np.log(sif / (sif + frequencies))
        self.log_weights = nn.Parameter(torch.tensor(start, dtype=torch.float32))

    def sums(self, tokens: Tokens, rows: IntArray) -> Tensor:
        """Weighted sums of token vectors, not normalised: (len(rows), dimension)."""
        ids, offsets = tokens.bag(rows)
        index = torch.from_numpy(ids)
        weights = self.log_weights[index].exp()
        pooled: Tensor = self.vectors(index, torch.from_numpy(offsets), per_sample_weights=weights)
        return pooled

    def encode(self, tokens: Tokens, rows: IntArray) -> Tensor:
        """Unit vectors: (len(rows), dimension)."""
        return functional.normalize(self.sums(tokens, rows), dim=-1)

    def folded(self) -> NDArray[np.float32]:
        """Token vectors with their weights multiplied in: (vocabulary, dimension)."""
        with torch.no_grad():
            folded: NDArray[np.float32] = (self.vectors.weight * self.log_weights.exp()[:, None]).numpy()
        return folded
