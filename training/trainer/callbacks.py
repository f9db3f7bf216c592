"""Write the log, complete the checkpoints and report progress during training."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import TrainerCallback

from searchapp.datatypes import Progress, Tell
from searchapp.files.json_file import write_json
from searchapp.files.json_log import append_json
from training.samplers import HybridBatching
from training.trainer.run_directory import COMPLETE, RunDirectory

LOSS_STATE = "loss.pt"
MIXING = "hybrid_batches.json"


class MetricsLog(TrainerCallback):  # type: ignore[misc]
    """Writes every log entry as one line of JSON."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Append an entry to the log.

        Args:
            args: Arguments of the trainer; not used.
            state: State of the training: step, best figure and whether this process writes.
            control: Flags by which a callback can stop the training; unchanged.
            logs: Figures by name; None or empty appends nothing.
        """
        if state.is_world_process_zero and logs:
            numbers = {key: _number(value) for key, value in logs.items()}
            entry = {"step": state.global_step, "time": round(time.time(), 1), **numbers}
            append_json(self._directory.metrics, entry)


class CheckpointKeeper(TrainerCallback):  # type: ignore[misc]
    """Adds to each checkpoint what the trainer leaves out, and marks it as complete at the end.

    A checkpoint without the mark was incomplete when the process died, so training never resumes from it.

    Args:
        loss: The loss, whose own weights (SimCSE's projection) are also saved.
        batching: The batching, whose mixing is saved with the model.
    """

    def __init__(self, directory: RunDirectory, loss: nn.Module, batching: HybridBatching) -> None:
        self._directory = directory
        self._loss = loss
        self._batching = batching

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Complete the latest checkpoint.

        Args:
            args: Arguments of the trainer; not used.
            state: State of the training: step, best figure and whether this process writes.
            control: Flags by which a callback can stop the training; unchanged.
        """
        if not state.is_world_process_zero:
            return
        folder = self._directory.checkpoints / f"checkpoint-{state.global_step}"
        torch.save(own_state(self._loss), folder / LOSS_STATE)
        write_json(folder / MIXING, mixing_record(self._batching))
        write_json(folder / COMPLETE, {"step": state.global_step})


class ProgressTeller(TrainerCallback):  # type: ignore[misc]
    """Reports the progress of training after every step."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._loss: float | None = None

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Report the progress.

        Args:
            args: Arguments of the trainer; not used.
            state: State of the training: step, best figure and whether this process writes.
            control: Flags by which a callback can stop the training; unchanged.
        """
        if state.is_world_process_zero:
            counts: dict[str, float] = {"steps": state.global_step}
            if self._loss is not None:
                counts["loss"] = self._loss
            if state.best_metric is not None:
                counts["best"] = float(state.best_metric)
            self._tell(Progress("training", state.global_step / max(1, state.max_steps), counts))

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Store the loss for the next report.

        Args:
            args: Arguments of the trainer; not used.
            state: State of the training: step, best figure and whether this process writes.
            control: Flags by which a callback can stop the training; unchanged.
            logs: Figures by name; without `loss` nothing changes.
        """
        if logs and "loss" in logs:
            self._loss = float(logs["loss"])


def own_state(loss: nn.Module) -> dict[str, Any]:
    """Return the weights of a loss that are not the model's.

    Args:
        loss: Loss with a model; the model's weights are those under `model.`.
    """
    return {key: value for key, value in loss.state_dict().items() if "model." not in key}


def load_own_state(loss: nn.Module, folder: Path) -> None:
    """Load the weights of a loss that are not the model's from a checkpoint.

    Args:
        loss: Loss to change in place.
        folder: Folder of the checkpoint; one without such weights changes nothing.
    """
    file = folder / LOSS_STATE
    if file.exists():
        loss.load_state_dict(torch.load(file, weights_only=True), strict=False)


def mixing_record(batching: HybridBatching) -> dict[str, Any]:
    """Return the requested mixing and what the last epoch drew, as plain values.

    Args:
        batching: Batching of the run; before its first epoch nothing is drawn.
    """
    mixing, sampler = batching.mixing, batching.sampler
    return {
        "alpha": mixing.alpha,
        "draw": mixing.draw,
        "temperature": mixing.temperature,
        "monolingual": mixing.monolingual,
        "simcse": mixing.simcse,
        "batch_size": sampler.batch_size if sampler is not None else None,
        "drawn": sampler.mixture.to_json() if sampler is not None else None,
    }


def _number(value: Any) -> Any:
    if isinstance(value, str):  # some versions of the trainer format their log values
        try:
            return float(value)
        except ValueError:
            return value
    return value
