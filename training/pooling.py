"""Pool the states of a text's tokens into its embedding."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def unit_means(states: Tensor, mask: Tensor) -> Tensor:
    """Average the states of each text's tokens in float32 and normalise the mean: (texts, hidden) unit vectors.

    Args:
        states: (texts, tokens, hidden) states, of any floating-point type.
        mask: (texts, tokens) booleans, true for the tokens of the text and false for padding; each text has a token.
    """
    weights = mask[:, :, None].float()
    return functional.normalize((states.float() * weights).sum(1) / weights.sum(1), dim=-1)
