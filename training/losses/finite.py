"""Stop training before a loss that is not finite reaches the weights."""

from __future__ import annotations

import torch
from torch import Tensor

from searchapp.errors import TrainingError


def check_finite(parts: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the parts of a loss unchanged, if all are finite.

    Args:
        parts: Parts of the loss by name, scalars with gradients.

    Raises:
        TrainingError: A part is NaN or infinite; the message names it.
    """
    for name, value in parts.items():
        if not torch.isfinite(value).all():
            raise TrainingError(
                f"the {name} loss is {value.item()}: training diverged. Lower optimizer.rate, set optimizer.clip = 1.0, "
                'use precision "bf16" or "fp32" instead of "fp16", or raise the temperature'
            )
    return parts
