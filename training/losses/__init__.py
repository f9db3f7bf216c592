"""Provide the losses that sentence-transformers lacks; it has InfoNCE, cached InfoNCE, Matryoshka and MSE itself."""

from training.losses.joint import JointLoss
from training.losses.language_balance import LanguageBalanceLoss
from training.losses.simcse import SimCSELoss
from training.losses.token_dropout import drop_tokens

__all__ = ["JointLoss", "LanguageBalanceLoss", "SimCSELoss", "drop_tokens"]
