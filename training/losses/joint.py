"""Combine the retrieval loss, weighted SimCSE and the weighted language-bias loss on the same batch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from searchapp.errors import ConfigurationError
from training.losses.finite import check_finite
from training.losses.language_balance import LanguageBalanceLoss
from training.losses.simcse import SimCSELoss


class JointLoss(nn.Module):
    """L = L_retrieval + λ · L_simcse + μ · L_balance. λ = 0 and μ = 0 are the controls and cost nothing.

    Returns its parts by name, so that the trainer logs each and adds them up. Outside training only the retrieval part is
    computed, which is what a validation loss compares. A batch with one column (single sentences) has no retrieval part,
    only unweighted SimCSE.

    If a part is not finite, training stops with an error before its gradient reaches the weights.

    Args:
        model: The model in training.
        retrieval: Any loss of sentence-transformers on (anchor, positive, negatives…).
        simcse: The SimCSE loss; None for λ = 0.
        simcse_weight: λ.
        balance: The language-bias loss, which requires the positive's translation as the last column; None for μ = 0.
        balance_weight: μ.
    """

    def __init__(
        self,
        model: Any,
        retrieval: nn.Module,
        *,
        simcse: SimCSELoss | None = None,
        simcse_weight: float = 0.0,
        balance: LanguageBalanceLoss | None = None,
        balance_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.retrieval = retrieval
        self.simcse = simcse if simcse_weight > 0 else None
        self.simcse_weight = simcse_weight
        self.balance = balance if balance_weight > 0 else None
        self.balance_weight = balance_weight
        self.sentences = simcse
        """The SimCSE loss for batches of single sentences, which do not depend on λ."""

    def forward(
        self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Return the parts with their weights.

        Args:
            sentence_features: Token features of each column: anchor, positive, negatives, and the parallel text if
                `balance` is set; or sentences alone.
            labels: Labels for the retrieval loss; None for a loss without labels.
        """
        columns = [dict(features) for features in sentence_features]
        if len(columns) == 1 and labels is None:
            if self.sentences is None:
                raise ConfigurationError("a batch of single sentences, but no SimCSE loss: expected pairs")
            return check_finite({"simcse": self.sentences(columns)})
        pairs = columns[:-1] if self.balance is not None else columns
        # The forward pass adds to its features, so each part gets a copy.
        parts = {"retrieval": self.retrieval([dict(features) for features in pairs], labels)}
        if not self.model.training:
            return parts
        if self.simcse is not None:
            parts["simcse"] = self.simcse_weight * self.simcse(pairs[:2])
        if self.balance is not None:
            parts["balance"] = self.balance_weight * self.balance(columns)
        return check_finite(parts)

    def get_config_dict(self) -> dict[str, Any]:
        """Return the configuration for the model card."""
        own: dict[str, Any] = getattr(self.retrieval, "get_config_dict", dict)()
        return {
            "retrieval": {"loss": type(self.retrieval).__name__, **own},
            "simcse_weight": self.simcse_weight if self.simcse is not None else 0.0,
            "balance_weight": self.balance_weight if self.balance is not None else 0.0,
        }
