"""Losses that sentence-transformers lacks; InfoNCE, cached InfoNCE, Matryoshka and MSE are its own."""

from training.losses.joint import JointLoss
from training.losses.language_balance import LanguageBalanceLoss
from training.losses.simcse import SimCSELoss
from training.losses.token_dropout import drop_tokens

__all__ = ["JointLoss", "LanguageBalanceLoss", "SimCSELoss", "drop_tokens"]
