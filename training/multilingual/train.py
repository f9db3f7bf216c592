"""Run the training loop: batches of three kinds, AdamW, a running mean of the weights, and checkpoints for resuming."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from searchapp.files.json_log import append_json
from training.averaging import average
from training.multilingual.batches import Batches, TranslationBatch
from training.multilingual.model import TextEmbedder
from training.multilingual.objectives import question_loss, translation_loss
from training.multilingual.recipe import Recipe
from training.multilingual.teacher import Targets

logger = logging.getLogger(__name__)

TAIL = 0.3
"""Share of the steps, at the end, whose weights are averaged."""
AVERAGED = 10
"""Number of models in the mean over the tail."""

Measure = Callable[[TextEmbedder], dict[str, float]]


@dataclass(slots=True)
class State:
    """The content of a checkpoint besides weights and optimiser.

    Attributes:
        step: Number of finished steps.
        tail: Sum of the weights to average.
        averaged: Number of weights in the sum.
    """

    step: int = 0
    tail: dict[str, Tensor] | None = None
    averaged: int = 0


def trained_names(model: nn.Module, *, words: bool) -> list[str]:
    """Return the names of the weights that training changes.

    Args:
        model: The transformer.
        words: Whether the word embeddings are trained.
    """
    return [name for name, _ in model.named_parameters() if words or "word_embeddings" not in name]


def train(
    recipe: Recipe,
    model: TextEmbedder,
    teacher: TextEmbedder,
    *,
    batches: Batches,
    targets: Targets,
    measure: Measure,
    out: Path,
    every: int,
) -> dict[str, Tensor]:
    """Train a model by a recipe.

    Args:
        recipe: Settings of the run.
        model: The model to train, changed in place.
        teacher: The untouched base model.
        batches: Draws the batch of each step.
        targets: Target vectors of the groups.
        measure: Computes the held-out figures.
        out: Folder for checkpoints and `metrics.jsonl`.
        every: Steps between measurements, each with a checkpoint.

    Returns:
        The mean of the trained weights over the tail of the run, by name.
    """
    names = trained_names(model.transformer, words=recipe.words)
    weights = {name: value for name, value in model.transformer.named_parameters() if name in set(names)}
    for name, value in model.transformer.named_parameters():
        value.requires_grad_(name in weights)
    optimizer = _optimizer(weights, recipe)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, recipe))
    state = _resume(out, weights, optimizer, scheduler)
    begun, running = time.monotonic(), 0.0
    schedule = batches.schedule(np.random.default_rng((recipe.seed, 0)))
    marks = set(np.linspace(recipe.steps * (1 - TAIL), recipe.steps, AVERAGED + 1)[1:].round().astype(int).tolist())
    for step in range(state.step, recipe.steps):
        batch = batches.draw(schedule[step], np.random.default_rng((recipe.seed, 1, step)))
        if isinstance(batch, TranslationBatch):
            loss = translation_loss(model, batch, targets, recipe)
        else:
            loss = question_loss(model, batch, teacher, recipe)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(list(weights.values()), recipe.clip)
        optimizer.step()
        scheduler.step()
        running += float(loss.detach()) if (step + 1) % every == 0 else 0.0
        state.step = step + 1
        if step + 1 in marks:
            _remember(state, weights)
        if (step + 1) % every == 0:
            record = {
                "step": step + 1,
                "seconds": round(time.monotonic() - begun, 1),
                "loss": running,
                **measure(model),
            }
            running = 0.0
            logger.info("%s", record)
            append_json(out / "metrics.jsonl", record)
            _save(out, weights, optimizer, scheduler, state)
    if state.tail is None:
        return {name: value.detach().clone() for name, value in weights.items()}
    return {name: value / state.averaged for name, value in state.tail.items()}


def put_weights(model: TextEmbedder, weights: dict[str, Tensor]) -> None:
    """Set weights by name; the others are unchanged.

    Args:
        model: Model to change in place.
        weights: Weights by name, with the shapes of the model's.
    """
    model.transformer.load_state_dict(weights, strict=False)


def returned(base: dict[str, Tensor], tuned: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Mix a share of the base's weights into fine-tuned ones.

    Args:
        base: Weights before training, by name; may have more than `tuned`.
        tuned: Weights after training, by name.
        share: Share of the base's weights in the mixture, between 0 and 1.
    """
    return average([{name: base[name] for name in tuned}, tuned], [share, 1 - share])


def _optimizer(weights: dict[str, nn.Parameter], recipe: Recipe) -> torch.optim.Optimizer:
    matrices = [value for value in weights.values() if value.dim() > 1]
    vectors = [value for value in weights.values() if value.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    on_gpu = matrices[0].is_cuda
    return torch.optim.AdamW(groups, lr=recipe.rate, fused=on_gpu)


def _rate(step: int, recipe: Recipe) -> float:
    rising = max(1, round(recipe.warmup * recipe.steps))
    return min((step + 1) / rising, (recipe.steps - step) / max(1, recipe.steps - rising))


def _remember(state: State, weights: dict[str, nn.Parameter]) -> None:
    if state.tail is None:
        state.tail = {name: value.detach().clone() for name, value in weights.items()}
    else:
        for name, value in weights.items():
            state.tail[name] += value.detach()
    state.averaged += 1


def _save(
    out: Path,
    weights: dict[str, nn.Parameter],
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LambdaLR,
    state: State,
) -> None:
    stored = {
        "weights": {name: value.detach() for name, value in weights.items()},
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "step": state.step,
        "tail": state.tail,
        "averaged": state.averaged,
    }
    temporary = out / "checkpoint.new"
    torch.save(stored, temporary)
    temporary.replace(out / "checkpoint.pt")


def _resume(
    out: Path,
    weights: dict[str, nn.Parameter],
    optimizer: torch.optim.Optimizer,
    scheduler: torch.optim.lr_scheduler.LambdaLR,
) -> State:
    path = out / "checkpoint.pt"
    if not path.exists():
        return State()
    stored = torch.load(path, map_location=next(iter(weights.values())).device, weights_only=True)
    with torch.no_grad():
        for name, value in weights.items():
            value.copy_(stored["weights"][name])
    optimizer.load_state_dict(stored["optimizer"])
    scheduler.load_state_dict(stored["scheduler"])
    logger.info("resuming after step %d", stored["step"])
    return State(step=stored["step"], tail=stored["tail"], averaged=stored["averaged"])
