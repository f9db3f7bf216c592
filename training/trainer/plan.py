"""Plan a run before it starts: steps, rows and memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sentence_transformers import SentenceTransformer
from torch.utils.data import ConcatDataset

from training.config import TrainingConfig
from training.samplers import HybridBatchSampler
from training.trainer.loading import TrainingData
from training.trainer.model import is_static
from training.trainer.precision import choose_precision

ADAM_BYTES = 16
"""Bytes per parameter in 32 bits: weight, gradient, and two moments."""

ACTIVATIONS_PER_LAYER = 16
"""Numbers of hidden size stored per token and layer for the backward pass, a rough estimate for BERT-like layers."""

USUAL_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Batches:
    """The batch size and `drop_last` that the sampler reads from the trainer's own samplers."""

    batch_size: int
    drop_last: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, rows and memory.

    Attributes:
        batches: Dataset -> batches per epoch that it fills; fractions where batches are mixed.
        memory_bytes: Estimated memory for weights, gradients, Adam's moments, and the activations of one batch.
    """

    parameters: int
    rows: dict[str, int]
    held_out_rows: int
    dropped_rows: int
    batch: int
    processes: int
    batches_per_epoch: int
    steps_per_epoch: int
    steps: int
    batches: dict[str, float]
    memory_bytes: int
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def make_plan(config: TrainingConfig, data: TrainingData, model: SentenceTransformer, *, processes: int = 1) -> Plan:
    """Count steps and estimate memory.

    Args:
        config: Configuration of the run.
        data: Rows, held-out rows and dropped rows.
        model: Model to train.
        processes: Number of processes that share the batches, 1 or more.

    Raises:
        InputError: No batch can be filled from the rows.
        ConfigurationError: The mixing requests a kind of batch that no dataset provides.
    """
    sampler = make_sampler(config, data)
    per_process = max(1, len(sampler) // processes)
    steps_per_epoch = -(-per_process // config.batch.accumulate)
    steps = config.optimizer.steps or steps_per_epoch * config.optimizer.epochs
    return Plan(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        rows={key: len(part) for key, part in data.rows.items()},
        held_out_rows=len(data.held),
        dropped_rows=len(data.dropped),
        batch=config.batch.size,
        processes=processes,
        batches_per_epoch=len(sampler),
        steps_per_epoch=steps_per_epoch,
        steps=steps,
        batches={key: round(share, 2) for key, share in sampler.batches_by_source().items()},
        memory_bytes=_memory(config, model),
        notes=tuple(data.notes),
    )


def make_sampler(config: TrainingConfig, data: TrainingData) -> HybridBatchSampler:
    """Create the sampler that training will use.

    Args:
        config: Configuration of the run: batch size, mixing and seed.
        data: Rows by dataset.
    """
    return HybridBatchSampler(
        ConcatDataset(list(data.rows.values())),
        [Batches(config.batch.size)] * len(data.rows),
        seed=config.optimizer.seed,
        names=list(data.rows),
        mixing=config.batch.mixing,
    )


def _memory(config: TrainingConfig, model: SentenceTransformer) -> int:
    weights = int(sum(parameter.numel() for parameter in model.parameters())) * ADAM_BYTES
    texts: int = (config.loss.cached or config.batch.size) * (2 + config.data.negatives)
    if is_static(model):
        return weights + texts * int(model.get_embedding_dimension()) * 8
    settings = getattr(getattr(model[0], "auto_model", None), "config", None)
    layers = int(getattr(settings, "num_hidden_layers", 12))
    hidden = int(getattr(settings, "hidden_size", 768))
    tokens = int(min(model.max_seq_length or USUAL_TOKENS, USUAL_TOKENS))
    width = 4 if choose_precision(config.optimizer, static=False) == "fp32" else 2
    return weights + texts * tokens * hidden * layers * ACTIVATIONS_PER_LAYER * width
