"""Hold the parts of a run and its report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sentence_transformers import SentenceTransformer

from training.config import TrainingConfig
from training.trainer.loading import TrainingData
from training.trainer.plan import Plan


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """The report of a run.

    Attributes:
        best: Validation of the model that was kept; empty without validation.
        before: Validation before training.
        mixture: What the last epoch drew.
    """

    model: str
    steps: int
    seconds: float
    resumed_from: int
    best: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    mixture: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows, model and plan: everything before training."""

    config: TrainingConfig
    data: TrainingData
    model: SentenceTransformer
    plan: Plan
