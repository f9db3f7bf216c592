"""Compute unsupervised SimCSE (arXiv 2104.08821): a sentence must find itself under another dropout mask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from sentence_transformers import util
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from torch import Tensor, nn
from torch.nn import functional

from searchapp.errors import ConfigurationError
from training.losses.token_dropout import drop_tokens

INPUTS_LEFT_BY_A_FORWARD = ("sentence_embedding", "token_embeddings", "all_layer_embeddings")


class SimCSELoss(nn.Module):
    """InfoNCE between two encodings of each sentence that differ only in their dropout masks.

    A transformer uses its own dropout layers; a static encoder has none and drops tokens instead. The supervised variant,
    with entailment as positive and contradiction as hard negative, is `MultipleNegativesRankingLoss` on rows (anchor,
    positive, negative) with scale 20.

    Args:
        model: The model in training.
        temperature: Temperature of the softmax over cosines.
        token_dropout: Probability of dropping a token; static encoders only.
        projection: Add a linear layer with tanh to the embeddings in training only, as in the paper. It belongs to the loss
            and is not saved with the model.

    Inputs:
        One or more columns of sentences, no labels; the loss is the mean over columns.

    Raises:
        ConfigurationError: The model would give the same embedding twice.
    """

    def __init__(
        self, model: Any, *, temperature: float = 0.05, token_dropout: float = 0.1, projection: bool = False
    ) -> None:
        super().__init__()
        if not temperature > 0:
            raise ConfigurationError(f"SimCSE temperature is {temperature}; expected a number above 0")
        self.model = model
        self.temperature = temperature
        self.token_dropout = token_dropout
        self.static = isinstance(model[0], StaticEmbedding)
        if self.static and not 0 < token_dropout < 1:
            raise ConfigurationError(f"token_dropout is {token_dropout}; a static encoder needs one between 0 and 1")
        if not self.static and not _has_dropout(model):
            raise ConfigurationError(
                "every dropout layer of this model has probability 0: SimCSE would compare equal embeddings; load it with "
                "hidden_dropout_prob = 0.1"
            )
        dimension = model.get_embedding_dimension()
        self.projection = nn.Sequential(nn.Linear(dimension, dimension), nn.Tanh()) if projection else None

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None = None) -> Tensor:
        """Average the InfoNCE of one encoding against the other over the columns.

        Args:
            sentence_features: Token features of each column of sentences.
            labels: Not used.
        """
        losses = [self._column(dict(features)) for features in sentence_features]
        return torch.stack(losses).mean()

    def loss_from_embeddings(self, first: Tensor, second: Tensor) -> Tensor:
        """Compute InfoNCE over cosines: row i of `first` must find row i of `second` among all its rows.

        Args:
            first: First encoding of each sentence, (sentences, dimension).
            second: Second encoding, in the same order, (sentences, dimension).
        """
        scores = util.cos_sim(first, second) / self.temperature
        return functional.cross_entropy(scores, torch.arange(len(first), device=scores.device))

    def get_config_dict(self) -> dict[str, Any]:
        """Return the configuration for the model card."""
        return {
            "temperature": self.temperature,
            "token_dropout": self.token_dropout if self.static else None,
            "projection": self.projection is not None,
        }

    def _column(self, features: dict[str, Tensor]) -> Tensor:
        inputs = {key: value for key, value in features.items() if key not in INPUTS_LEFT_BY_A_FORWARD}
        return self.loss_from_embeddings(self._encode(inputs), self._encode(inputs))

    def _encode(self, inputs: dict[str, Tensor]) -> Tensor:
        seen = drop_tokens(inputs, self.token_dropout) if self.static and self.model.training else dict(inputs)
        embedding: Tensor = self.model(seen)["sentence_embedding"]
        projected: Tensor = embedding if self.projection is None else self.projection(embedding)
        return projected


def _has_dropout(model: nn.Module) -> bool:
    return any(isinstance(module, nn.Dropout) and module.p > 0 for module in model.modules())
