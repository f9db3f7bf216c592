"""Which rows make a batch."""

from training.samplers.hybrid import HybridBatching, HybridBatchSampler, Mixture
from training.samplers.mixing import STRATEGIES, Mixing

__all__ = ["STRATEGIES", "HybridBatchSampler", "HybridBatching", "Mixing", "Mixture"]
