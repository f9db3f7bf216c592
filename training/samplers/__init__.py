"""Choose the rows of each batch."""

from training.samplers.hybrid import HybridBatching, HybridBatchSampler, Mixture

__all__ = ["HybridBatchSampler", "HybridBatching", "Mixture"]
