"""Contrastive objectives over unit vectors: scores are cosines divided by a temperature."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def both_ways(anchors: Tensor, positives: Tensor, *, temperature: float) -> Tensor:
    """Each of the 2N texts looks for its translation among all the others: a gold must beat the query's own language."""
    texts = torch.cat([anchors, positives])
    scores = texts @ texts.T / temperature
    scores.fill_diagonal_(float("-inf"))
    count = len(anchors)
    return functional.cross_entropy(scores, (torch.arange(2 * count) + count) % (2 * count))


def symmetric(anchors: Tensor, positives: Tensor, *, temperature: float) -> Tensor:
    """InfoNCE in both directions, anchors among positives and the reverse."""
    scores = anchors @ positives.T / temperature
    target = torch.arange(len(anchors))
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2


def all_golds(queries: Tensor, candidates: Tensor, gold: Tensor, *, temperature: float) -> Tensor:
    """Every gold of a query must beat every candidate that is none; golds do not compete.

    Args:
        gold: (queries, golds) columns of each query's golds.
    """
    scores = queries @ candidates.T / temperature
    right = scores.gather(1, gold)
    wrong = scores.scatter(1, gold, float("-inf")).logsumexp(dim=1, keepdim=True)
    return functional.softplus(wrong - right).mean()
