"""Drop tokens at random, the equivalent of dropout for static encoders."""

from __future__ import annotations

import torch
from torch import Tensor


def drop_tokens(features: dict[str, Tensor], probability: float) -> dict[str, Tensor]:
    """Drop each token of each text with a probability; a text that would lose all tokens keeps its first.

    Args:
        features: `input_ids` (tokens,) and `offsets` (texts,) as `StaticEmbedding` reads them.
        probability: Probability of dropping a token.

    Returns:
        New features of the same texts.
    """
    ids, offsets = features["input_ids"], features["offsets"]
    if not len(ids):
        return {"input_ids": ids, "offsets": offsets}
    lengths = torch.diff(offsets, append=offsets.new_tensor([len(ids)]))
    text = torch.repeat_interleave(torch.arange(len(offsets), device=ids.device), lengths)
    kept = torch.rand(len(ids), device=ids.device) >= probability
    left = torch.zeros_like(offsets).index_add_(0, text, kept.to(offsets.dtype))
    kept[offsets[(left == 0) & (lengths > 0)]] = True
    left = torch.zeros_like(offsets).index_add_(0, text, kept.to(offsets.dtype))
    starts = torch.cat([left.new_zeros(1), left.cumsum(0)[:-1]])
    return {"input_ids": ids[kept], "offsets": starts}
