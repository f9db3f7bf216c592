"""Penalise language bias in the loss: a passage and its translation should score alike for every query."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from sentence_transformers import util
from torch import Tensor, nn
from torch.nn import functional

from searchapp.errors import ConfigurationError

KINDS = ("balance", "divergence")


class LanguageBalanceLoss(nn.Module):
    """Penalises differences that make a ranking of a mixed pool prefer one language to another.

    Let s_ij be the cosine of query i and passage j divided by the temperature, and s'_ij that of the passage's
    translation.

    - `divergence`: the symmetric Kullback–Leibler divergence between softmax_j(s_ij) and softmax_j(s'_ij): both languages
      should rank the batch alike (distillation between languages, as in LaKDA). Because a softmax ignores constants, it does
      not change if one language scores higher throughout, although exactly that sorts a mixed pool by language.
    - `balance` (default): for each passage, KL of (1/2, 1/2) from softmax(s_ij, s'_ij), which is
      log cosh((s_ij - s'_ij) / 2), weighted by the probability that query i finds passage j at all (the mean of both
      softmaxes, without gradient). It is zero only if both versions score equally.

    Args:
        model: The model in training.
        temperature: Temperature of the softmaxes.
        kind: `balance` or `divergence`.

    Inputs:
        Columns (anchor, positive, parallel), the last being the positive in another language; columns between are
        ignored. No labels.
    """

    def __init__(self, model: Any, *, temperature: float = 0.05, kind: str = "balance") -> None:
        super().__init__()
        if kind not in KINDS:
            raise ConfigurationError(f"language-bias loss {kind!r}; expected one of {', '.join(KINDS)}")
        if not temperature > 0:
            raise ConfigurationError(f"temperature is {temperature}; expected a number above 0")
        self.model = model
        self.temperature = temperature
        self.kind = kind

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None = None) -> Tensor:
        """Encode queries, passages and their translations, and compare the scores.

        Args:
            sentence_features: Token features of each column, the anchor first, the positive second and the parallel
                text last.
            labels: Not used.
        """
        columns = list(sentence_features)
        if len(columns) < 3:
            raise ConfigurationError(
                f"the language-bias loss got {len(columns)} columns; expected anchor, positive and parallel"
            )
        queries, passages, parallel = (
            self.model(dict(columns[place]))["sentence_embedding"] for place in (0, 1, len(columns) - 1)
        )
        return self.loss_from_scores(util.cos_sim(queries, passages), util.cos_sim(queries, parallel))

    def loss_from_scores(self, scores: Tensor, parallel: Tensor) -> Tensor:
        """Compute the loss from cosines.

        Args:
            scores: Cosines of queries and passages, (queries, passages).
            parallel: Cosines of the same queries and the translations of the passages, (queries, passages).
        """
        scores, parallel = scores / self.temperature, parallel / self.temperature
        first, second = functional.log_softmax(scores, dim=1), functional.log_softmax(parallel, dim=1)
        if self.kind == "divergence":
            difference = (first.exp() - second.exp()) * (first - second)
            return difference.sum(dim=1).mean() / 2
        chance = ((first.exp() + second.exp()) / 2).detach()
        half = (scores - parallel) / 2
        # log cosh(x) without overflow.
        penalty = half.abs() + functional.softplus(-2 * half.abs()) - math.log(2.0)
        return (chance * penalty).sum(dim=1).mean()

    def get_config_dict(self) -> dict[str, Any]:
        """Return the configuration for the model card."""
        return {"temperature": self.temperature, "kind": self.kind}
