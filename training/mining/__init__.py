"""Mine hard negatives by language."""

from training.mining.negatives import MiningReport, mine_negatives
from training.mining.relatives import related_groups

__all__ = ["MiningReport", "mine_negatives", "related_groups"]
