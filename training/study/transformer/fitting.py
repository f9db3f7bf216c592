"""Train an encoder on planned batches; on a GPU a step is captured once and replayed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from training.study.transformer.model import FlatEncoder

WARM_UP_STEPS = 3
"""Steps before a capture, as CUDA graphs require; the weights are reset afterwards."""
CLIP = 1.0


class Fitter:
    """Trains one encoder with one loss. Usable for many runs, each from given weights.

    Args:
        encoder: The encoder, whose weights are changed in place.
        loss: Computes the loss of a batch, (batch, 4) numbers of texts.
        batch: Rows per batch.
        most: Steps of the longest run.
        weight_decay: Weight decay of matrices.
    """

    def __init__(
        self, encoder: FlatEncoder, loss: Callable[[Tensor], Tensor], *, batch: int, most: int, weight_decay: float
    ) -> None:
        self._encoder, self._loss = encoder, loss
        device = encoder.matrices.device
        self._graphed = device.type == "cuda"
        self._schedule = torch.zeros(most, batch, 4, dtype=torch.long, device=device)
        self._rates = torch.zeros(most, device=device)
        self._losses = torch.zeros(most, device=device)
        self._step = torch.zeros(1, dtype=torch.long, device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        groups = [
            {"params": [encoder.matrices], "weight_decay": weight_decay},
            {"params": [encoder.vectors, encoder.projection], "weight_decay": 0.0},
        ]
        rate = torch.zeros((), device=device) if self._graphed else 0.0
        self._optimizer = torch.optim.AdamW(groups, lr=rate, fused=True, capturable=self._graphed)

    def run(
        self, schedule: np.ndarray[tuple[int, ...], np.dtype[np.int32]], *, rate: float, warmup: float, seed: int
    ) -> list[float]:
        """Train on the batches of a schedule.

        Args:
            schedule: (steps, batch, 4) numbers of texts.
            rate: Peak learning rate; it rises over the share `warmup` of the steps, then falls linearly to zero.
            warmup: Share of the steps for warm-up.
            seed: Seed of dropout.

        Returns:
            The loss of each step.
        """
        steps = len(schedule)
        self._schedule[:steps] = torch.from_numpy(schedule.astype(np.int64)).to(self._schedule.device)
        if self._graphed and self._graph is None:
            self._capture()
        rising = max(1, round(warmup * steps))
        shares = [min((step + 1) / rising, (steps - step) / max(1, steps - rising)) for step in range(steps)]
        self._rates[:steps] = torch.tensor(shares) * rate
        self._reset(seed)
        for _ in range(steps):
            if self._graph is not None:
                self._graph.replay()
            else:
                self._one()
        return [round(value, 4) for value in self._losses[:steps].tolist()]

    def _reset(self, seed: int) -> None:
        torch.manual_seed(seed)
        self._step.zero_()
        for state in self._optimizer.state.values():
            for value in state.values():
                value.zero_()

    def _one(self) -> None:
        rate = self._rates[self._step]
        for group in self._optimizer.param_groups:
            if self._graphed:
                group["lr"].copy_(rate[0])
            else:
                group["lr"] = float(rate)
        loss = self._loss(self._schedule[self._step][0])
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [p.grad for p in self._encoder.parameters() if p.grad is not None]
        norm = torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt()
        for gradient in gradients:
            gradient.mul_((CLIP / (norm + 1e-6)).clamp(max=1.0))
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._losses[self._step] = loss.detach()
        self._step += 1

    def _capture(self) -> None:
        """Record one step as a CUDA graph, leaving the weights unchanged."""
        kept = [p.detach().clone() for p in self._encoder.parameters()]
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP_STEPS):
                self._step.zero_()
                self._one()
        torch.cuda.current_stream().wait_stream(stream)
        self._step.zero_()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._one()
        with torch.no_grad():
            for parameter, value in zip(self._encoder.parameters(), kept, strict=True):
                parameter.copy_(value)
