"""Create the loss that a configuration requests."""

from __future__ import annotations

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MatryoshkaLoss,
    MSELoss,
    MultipleNegativesRankingLoss,
)
from torch import nn

from searchapp.errors import ConfigurationError
from training.config import BatchConfig, LossConfig
from training.losses import JointLoss, LanguageBalanceLoss, SimCSELoss
from training.trainer.model import is_static


def build_loss(config: LossConfig, batch: BatchConfig, model: SentenceTransformer) -> JointLoss:
    """Create InfoNCE over cosines, optionally cached and at several dimensions, with SimCSE and language balance added.

    Args:
        config: Kind of loss, weights and temperatures.
        batch: Settings of the batches; a share of batches of single sentences requires SimCSE.
        model: Model in training.

    Raises:
        ConfigurationError: The parts do not fit each other or the model.
    """
    if config.kind == "distillation":
        return JointLoss(model, MSELoss(model))
    simcse = None
    if config.simcse_weight or batch.simcse:
        simcse = SimCSELoss(
            model,
            temperature=config.simcse_temperature,
            token_dropout=config.token_dropout,
            projection=config.projection,
        )
    balance = None
    if config.balance_weight:
        balance = LanguageBalanceLoss(model, temperature=config.temperature, kind=config.balance)
    return JointLoss(
        model,
        _retrieval(config, model),
        simcse=simcse,
        simcse_weight=config.simcse_weight,
        balance=balance,
        balance_weight=config.balance_weight,
    )


def _retrieval(config: LossConfig, model: SentenceTransformer) -> nn.Module:
    directions = ("query_to_doc", "doc_to_query") if config.symmetric else ("query_to_doc",)
    partition = "per_direction" if config.symmetric else "joint"
    scale = 1 / config.temperature
    if config.cached and is_static(model):
        raise ConfigurationError(
            "loss.cached splits batches to save memory, which a static encoder does not need: set it to 0"
        )
    loss: nn.Module
    if config.cached:
        loss = CachedMultipleNegativesRankingLoss(
            model, scale=scale, mini_batch_size=config.cached, directions=directions, partition_mode=partition
        )
    else:
        loss = MultipleNegativesRankingLoss(model, scale=scale, directions=directions, partition_mode=partition)
    if config.matryoshka:
        dimension = model.get_embedding_dimension()
        if max(config.matryoshka) > dimension:
            raise ConfigurationError(
                f"loss.matryoshka has {max(config.matryoshka)}, but the model has {dimension} dimensions"
            )
        loss = MatryoshkaLoss(model, loss, matryoshka_dims=sorted(config.matryoshka, reverse=True))
    return loss
