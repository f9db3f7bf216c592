"""Compute static embeddings: the weighted sum of a text's token vectors, normalised."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional

from training.static.data import IntArray, Tokens


class _Sum(Function):
    """Sums rows by a constant sparse matrix of counts; several times faster than EmbeddingBag's backward pass."""

    @staticmethod
    def forward(context: Any, vectors: Tensor, counts: csr_matrix) -> Tensor:
        context.counts = counts
        return torch.from_numpy(counts @ vectors.detach().numpy())

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return torch.from_numpy(context.counts.T @ gradients[0].contiguous().numpy()), None


class StaticModel(nn.Module):
    """One vector and one log weight per token.

    Args:
        frequencies: (vocabulary,) share of each token in the training text.
        dimension: Length of an embedding.
        sif: The `a` of the SIF weights a / (a + p) that the token weights start from.
    """

    def __init__(self, frequencies: NDArray[np.float64], *, dimension: int, sif: float) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(len(frequencies), dimension) * dimension**-0.5)
        start = np.log(sif / (sif + frequencies))
        self.log_weights = nn.Parameter(torch.tensor(start, dtype=torch.float32))
        self._looked_up: tuple[Tensor, Tensor, Tensor] = (torch.zeros(0), self.vectors, self.log_weights)

    def encode(self, *bags: tuple[Tokens, IntArray], dropout: float = 0.0) -> tuple[Tensor, ...]:
        """Compute the unit vectors of several sets of rows, each (len(rows), dimension).

        All of them share one look-up of the distinct tokens; `gradients` returns their gradients.

        Args:
            *bags: A collection of tokens, and the (rows,) indices of the rows to embed.
            dropout: Probability of dropping a token of the first set.
        """
        taken = [tokens.bag(rows) for tokens, rows in bags]
        distinct, column = np.unique(np.concatenate([ids for ids, _ in taken]), return_inverse=True)
        before = np.cumsum([0, *[len(ids) for ids, _ in taken]])
        firsts = [first + start for (_, first), start in zip(taken, before[:-1], strict=True)]
        kept = np.ones(len(column), dtype=np.float32)
        if dropout:
            kept[: before[1]] = torch.rand(int(before[1])).numpy() >= dropout
        bounds = np.concatenate([*firsts, before[-1:]])
        counts = csr_matrix((kept, column, bounds), shape=(len(bounds) - 1, len(distinct)))
        index = torch.from_numpy(distinct)
        vectors = self.vectors.detach()[index].requires_grad_()
        log_weights = self.log_weights.detach()[index].requires_grad_()
        self._looked_up = (index, vectors, log_weights)
        pooled: Tensor = _Sum.apply(vectors * log_weights.exp()[:, None], counts)  # type: ignore[no-untyped-call]
        return torch.split(functional.normalize(pooled, dim=-1), [len(rows) for _, rows in bags])

    def gradients(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the distinct tokens of the last `encode` and the gradients of their vectors and log weights."""
        index, vectors, log_weights = self._looked_up
        if vectors.grad is None or log_weights.grad is None:
            raise RuntimeError("no gradients: call encode, then backward on a loss of it, first")
        return index, vectors.grad, log_weights.grad

    def folded(self) -> NDArray[np.float32]:
        """Return the token vectors multiplied by their weights: (vocabulary, dimension)."""
        with torch.no_grad():
            folded: NDArray[np.float32] = (self.vectors * self.log_weights.exp()[:, None]).numpy()
        return folded
