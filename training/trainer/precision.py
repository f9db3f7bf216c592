"""Choose the number format of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from training.config import OptimizerConfig

CPUINFO = Path("/proc/cpuinfo")
FLAG = "amx_bf16"
"""CPU flag for multiplying bfloat16 matrices in hardware."""


def has_bfloat16_tiles(cpuinfo: Path = CPUINFO) -> bool:
    """Return whether the CPU multiplies bfloat16 matrices in hardware; False if unknown.

    Args:
        cpuinfo: Linux's description of the processors.
    """
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(FLAG in line.partition(":")[2].split() for line in lines if line.startswith("flags"))


def choose_precision(config: OptimizerConfig, *, static: bool, cpuinfo: Path = CPUINFO) -> str:
    """Choose `fp32`, `bf16` or `fp16`: the configured one, or with `auto` the fastest without loss of quality.

    Args:
        config: Configuration of the optimiser, with the requested precision and device.
        static: Whether the model has no layers, so that a shorter format gains nothing.
        cpuinfo: Linux's description of the processors.
    """
    if config.precision != "auto":
        return config.precision
    return "bf16" if on_cpu(config) and not static and has_bfloat16_tiles(cpuinfo) else "fp32"


def on_cpu(config: OptimizerConfig) -> bool:
    """Return whether training runs on the CPU.

    Args:
        config: The optimiser's configuration, which names the device.
    """
    return config.device == "cpu" or not torch.cuda.is_available()


def use_eager_attention(model: Any) -> None:
    """Let a transformer compute attention by plain matrix products, which autocast to bfloat16 speeds up on a CPU.

    Args:
        model: A `SentenceTransformer` whose first module is a transformer.
    """
    transformer = getattr(model[0], "auto_model", None)
    if transformer is not None:
        transformer.set_attn_implementation("eager")
