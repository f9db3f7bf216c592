"""Read the configuration of a training run from one TOML or YAML file."""

from training.config.data import SourceConfig
from training.config.training import (
    BatchConfig,
    CodeSwitchingConfig,
    DataConfig,
    LossConfig,
    ModelConfig,
    OptimizerConfig,
    TrainingConfig,
    ValidationConfig,
)

__all__ = [
    "BatchConfig",
    "CodeSwitchingConfig",
    "DataConfig",
    "LossConfig",
    "ModelConfig",
    "OptimizerConfig",
    "SourceConfig",
    "TrainingConfig",
    "ValidationConfig",
]
