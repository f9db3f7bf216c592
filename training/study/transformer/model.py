"""Run a BERT encoder with flat weights: few kernels per step, so that a GPU replays it as one graph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.pooling import unit_means

MATRICES = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
            "intermediate.dense", "output.dense")  # fmt: skip
NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of one layer.

    Attributes:
        hidden: Width of a state.
        inner: Width of the feed-forward part.
        heads: Attention heads.
    """

    hidden: int
    inner: int
    heads: int

    @property
    def matrices(self) -> tuple[tuple[int, int], ...]:
        """Return the shapes of a layer's matrices, in the order of the flat tensor.

        These are attention in and out, then feed-forward in and out.
        """
        hidden, inner = self.hidden, self.inner
        return ((3 * hidden, hidden), (hidden, hidden), (inner, hidden), (hidden, inner))

    @property
    def vectors(self) -> tuple[int, ...]:
        """Return the lengths of a layer's vectors: the matrices' biases, then weight and bias of both layer norms."""
        return (*(rows for rows, _ in self.matrices), *[self.hidden] * 4)


def flatten_layers(model: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Flatten the layers of a `BertModel` or similar: (layers, numbers) of the matrices, and of the vectors.

    Args:
        model: Model whose layers are named as in `BertModel`.
    """
    matrices, vectors = [], []
    for layer in model.encoder.layer:
        state = layer.state_dict()
        matrices.append(torch.cat([state[f"{name}.weight"].flatten() for name in MATRICES]).numpy())
        norms = [state[f"{name}.{kind}"] for name in NORMS for kind in ("weight", "bias")]
        vectors.append(torch.cat([*(state[f"{name}.bias"] for name in MATRICES), *norms]).numpy())
    return np.stack(matrices), np.stack(vectors)


class FlatEncoder(nn.Module):
    """A BERT encoder with mean pooling, whose word and position embeddings are frozen.

    All matrices of the layers are one parameter and all vectors another, so that casting, clipping and the optimiser need
    one kernel each instead of hundreds.

    Args:
        base: Arrays of the prepared file.
        layers: Indices of the base's layers to keep.
        device: Device to run on.
        precision: Type in which matrices are multiplied.
    """

    words: Tensor
    places: Tensor
    norm: Tensor

    def __init__(
        self, base: Mapping[str, NDArray[Any]], layers: Sequence[int], *, device: str, precision: torch.dtype
    ) -> None:
        super().__init__()
        hidden = base["words"].shape[1]
        per_layer = base["matrices"].shape[1]
        self.sizes = Sizes(hidden, (per_layer - 4 * hidden * hidden) // (2 * hidden), int(base["heads"]))
        self.layers = len(layers)
        self.pad = int(base["pad"])
        self.epsilon = float(base["epsilon"])
        self.precision = precision
        for name in ("words", "places", "norm"):
            self.register_buffer(name, torch.from_numpy(base[name]).to(device, precision))
        kept = list(layers)
        self.matrices = nn.Parameter(torch.from_numpy(base["matrices"][kept].astype(np.float32)).to(device).flatten())
        self.vectors = nn.Parameter(torch.from_numpy(base["vectors"][kept].astype(np.float32)).to(device).flatten())
        self.projection = nn.Parameter(torch.eye(hidden, device=device))
        """The projection, used only by MIMO's objective."""

    def forward(self, ids: Tensor, *, dropout: float = 0.0) -> Tensor:
        """Embed texts.

        Args:
            ids: (texts, tokens) padded at the end.
            dropout: Dropout of hidden states and attention.

        Returns:
            (texts, hidden) unit vectors.
        """
        mask = ids != self.pad
        bias = torch.zeros(mask.shape, dtype=self.precision, device=ids.device).masked_fill(~mask, -30_000.0)
        bias = bias[:, None, None, :]
        matrices, vectors = self._parts()
        states = functional.layer_norm(
            self.words[ids] + self.places[: ids.shape[1]],
            (self.sizes.hidden,),
            self.norm[0],
            self.norm[1],
            self.epsilon,
        )
        states = functional.dropout(states, dropout)
        for layer in range(self.layers):
            states = self._layer(states, bias, matrices[layer], vectors[layer], dropout)
        return unit_means(states, mask)

    def _parts(self) -> tuple[list[list[Tensor]], list[list[Tensor]]]:
        """Split the flat weights into the layers' matrices and vectors, in the precision of the computation."""
        shapes, lengths = self.sizes.matrices, self.sizes.vectors
        cut = torch.split(self.matrices.to(self.precision), [rows * columns for rows, columns in shapes] * self.layers)
        runs = torch.split(self.vectors.to(self.precision), list(lengths) * self.layers)
        matrices = [
            [cut[layer * len(shapes) + place].view(shape) for place, shape in enumerate(shapes)]
            for layer in range(self.layers)
        ]
        vectors = [list(runs[layer * len(lengths) : (layer + 1) * len(lengths)]) for layer in range(self.layers)]
        return matrices, vectors

    def _layer(
        self, states: Tensor, bias: Tensor, matrices: Sequence[Tensor], vectors: Sequence[Tensor], dropout: float
    ) -> Tensor:
        hidden, heads = self.sizes.hidden, self.sizes.heads
        count, tokens = states.shape[:2]
        mixed = functional.linear(states, matrices[0], vectors[0]).view(count, tokens, 3, heads, hidden // heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        scores = torch.matmul(query, key.transpose(-1, -2)) / math.sqrt(hidden // heads) + bias
        attention = functional.dropout(torch.softmax(scores, dim=-1), dropout)
        context = torch.matmul(attention, value).transpose(1, 2).reshape(count, tokens, hidden)
        context = functional.dropout(functional.linear(context, matrices[1], vectors[1]), dropout)
        states = functional.layer_norm(states + context, (hidden,), vectors[4], vectors[5], self.epsilon)
        inner = functional.gelu(functional.linear(states, matrices[2], vectors[2]))
        inner = functional.dropout(functional.linear(inner, matrices[3], vectors[3]), dropout)
        return functional.layer_norm(states + inner, (hidden,), vectors[6], vectors[7], self.epsilon)

    @torch.no_grad()
    def encode(self, ids: Tensor, *, budget: int = 131_072) -> Tensor:
        """Embed any number of texts without gradients, sorted by length to reduce padding.

        Args:
            ids: (texts, tokens) padded at the end.
            budget: Padded tokens per pass.
        """
        lengths = (ids != self.pad).sum(1)
        ordered, order = torch.sort(lengths)
        sizes = ordered.tolist()
        found = torch.empty(len(ids), self.sizes.hidden, device=ids.device)
        start = 0
        while start < len(ids):
            end = min(len(ids), start + max(1, budget // sizes[-1]))
            while end < len(ids) and (end + 64 - start) * sizes[min(end + 63, len(ids) - 1)] <= budget:
                end = min(end + 64, len(ids))
            rows = order[start:end]
            width = min(ids.shape[1], -(-sizes[end - 1] // 8) * 8)
            found[rows] = self(ids[rows, :width])
            start = end
        return found
