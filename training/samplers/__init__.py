"""Which rows make a batch."""

from training.samplers.hybrid import HybridBatching, HybridBatchSampler, Mixture

__all__ = ["HybridBatchSampler", "HybridBatching", "Mixture"]
