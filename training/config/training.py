"""Define the sections of a training configuration, checked on creation."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from searchapp.errors import ConfigurationError
from training.config.data import SourceConfig
from training.config.reading import build, read_file
from training.mixing import STRATEGIES, Mixing


def _among(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigurationError(f"{name} is {value!r}; expected one of {', '.join(choices)}")


def _at_least(name: str, value: float, least: float) -> None:
    if not value >= least:
        raise ConfigurationError(f"{name} is {value:g}; expected {least:g} or more")


def _share(name: str, value: float) -> None:
    if not 0.0 <= value < 1.0:
        raise ConfigurationError(f"{name} is {value:g}; expected a share from 0 to below 1")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The model to train.

    Attributes:
        base: A folder or Hub name of a sentence-transformers model or of a bare transformer, which gets a pooling layer;
            empty for a new static encoder.
        tokenizer: A tokenizer.json for the new static encoder; empty trains one on the training texts.
        vocabulary: Number of pieces of such a tokenizer.
        dimension: Dimension of the new static encoder.
        pooling: `mean` or `cls`, for a bare transformer.
        max_length: Maximum tokens per text; None for the model's own limit.
        query_prompt: Text put before queries in training and, saved with the model, at inference.
        passage_prompt: The same for passages.
        trust_remote_code: Allow a Hub model to run its own code.
    """

    base: str = ""
    tokenizer: str = ""
    vocabulary: int = 32_000
    dimension: int = 256
    pooling: str = "mean"
    max_length: int | None = None
    query_prompt: str = ""
    passage_prompt: str = ""
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        _among("model.pooling", self.pooling, ("mean", "cls"))
        _at_least("model.dimension", self.dimension, 1)
        _at_least("model.vocabulary", self.vocabulary, 100)
        if self.max_length is not None:
            _at_least("model.max_length", self.max_length, 1)


@dataclass(frozen=True, slots=True)
class CodeSwitchingConfig:
    """Replacement of words in queries or passages by translations from a lexicon (arXiv 2305.05295).

    Attributes:
        lexicon: Parquet file with `synset`, `lang`, `lemma`; empty for no code-switching.
        probability: Probability of replacing a word.
        share: Share of the rows to switch.
        languages: Target languages; empty for all of the lexicon.
        kind: `bilingual` draws one language per text, `multilingual` one per word.
        columns: Texts to switch.
    """

    lexicon: str = ""
    probability: float = 0.5
    share: float = 0.5
    languages: tuple[str, ...] = ()
    kind: str = "multilingual"
    columns: tuple[str, ...] = ("anchor", "positive")

    def __post_init__(self) -> None:
        _among("code_switching.kind", self.kind, ("bilingual", "multilingual"))
        for column in self.columns:
            _among("code_switching.columns", column, ("anchor", "positive"))
        for name, value in (("probability", self.probability), ("share", self.share)):
            if not 0.0 <= value <= 1.0:
                raise ConfigurationError(f"code_switching.{name} is {value:g}; expected 0 to 1")


@dataclass(frozen=True, slots=True)
class DataConfig:
    """The training rows.

    Attributes:
        sources: Sources of the rows.
        guard: Folders of evaluation sets that no row may overlap.
        on_overlap: `refuse` stops and names the rows; `drop` trains without them and lists them in the run directory.
        negatives: Number of hard negatives mined per row with `miner`; 0 for none.
        miner: Encoder for mining: a folder, a Hub name or `builtin`.
        code_switching: Augmentation by code-switching.
    """

    sources: tuple[SourceConfig, ...]
    guard: tuple[str, ...] = ()
    on_overlap: str = "refuse"
    negatives: int = 0
    miner: str = "builtin"
    code_switching: CodeSwitchingConfig = field(default_factory=CodeSwitchingConfig)

    def __post_init__(self) -> None:
        _among("data.on_overlap", self.on_overlap, ("refuse", "drop"))
        _at_least("data.negatives", self.negatives, 0)
        if not self.sources:
            raise ConfigurationError("data.sources is empty; name at least one source of rows")


@dataclass(frozen=True, slots=True)
class BatchConfig:
    """The batches.

    Attributes:
        size: Pairs per batch and process.
        strategy: `x-x`, `x-x-mono`, `x-y` or `hybrid`.
        alpha: Share of monolingual batches, with `hybrid`.
        draw: How languages and pairs are drawn: `uniform`, `size` or `temperature`.
        temperature: Temperature of that draw.
        simcse: Share of batches of single sentences.
        accumulate: Batches per optimiser step.
        least: Minimum number of groups of a language to be used; None for the batch size.
    """

    size: int = 100
    strategy: str = "hybrid"
    alpha: float = 0.5
    draw: str = "uniform"
    temperature: float = 2.0
    simcse: float = 0.0
    accumulate: int = 1
    least: int | None = None

    def __post_init__(self) -> None:
        _among("batch.strategy", self.strategy, tuple(STRATEGIES))
        _at_least("batch.size", self.size, 2)
        _at_least("batch.accumulate", self.accumulate, 1)
        if self.least is not None:
            _at_least("batch.least", self.least, 1)
        if self.strategy != "hybrid" and self.alpha != 0.5:
            raise ConfigurationError(
                f'batch.alpha is {self.alpha:g}, but strategy "{self.strategy}" fixes it at '
                f'{STRATEGIES[self.strategy].alpha:g}; use strategy "hybrid" to set it'
            )
        _ = self.mixing

    @property
    def mixing(self) -> Mixing:
        """Return the settings of the sampler."""
        base = STRATEGIES[self.strategy]
        return Mixing(
            alpha=self.alpha if self.strategy == "hybrid" else base.alpha,
            draw=self.draw,
            temperature=self.temperature,
            monolingual=base.monolingual,
            simcse=self.simcse,
        )


@dataclass(frozen=True, slots=True)
class LossConfig:
    """The losses.

    Attributes:
        kind: `retrieval`, or `distillation` from a teacher.
        temperature: Temperature of InfoNCE over cosines.
        symmetric: Also let passages find their queries.
        cached: Rows per forward pass of the gradient cache; 0 for no cache. Transformers only.
        matryoshka: Additional dimensions for the retrieval loss; empty for none.
        simcse_weight: Weight λ of SimCSE.
        simcse_temperature: Temperature of SimCSE.
        token_dropout: Token dropout of SimCSE for static encoders.
        projection: Use SimCSE's projection layer, in training only.
        balance_weight: Weight μ of the language-bias loss.
        balance: `balance` or `divergence`.
        teacher: Teacher for distillation: a folder or Hub name of an encoder of the pivot language.
        pivot: Language that the teacher knows.
    """

    kind: str = "retrieval"
    temperature: float = 0.05
    symmetric: bool = False
    cached: int = 0
    matryoshka: tuple[int, ...] = ()
    simcse_weight: float = 0.0
    simcse_temperature: float = 0.05
    token_dropout: float = 0.1
    projection: bool = False
    balance_weight: float = 0.0
    balance: str = "balance"
    teacher: str = ""
    pivot: str = "en"

    def __post_init__(self) -> None:
        _among("loss.kind", self.kind, ("retrieval", "distillation"))
        _among("loss.balance", self.balance, ("balance", "divergence"))
        for name, value in (("simcse_weight", self.simcse_weight), ("balance_weight", self.balance_weight)):
            _at_least(f"loss.{name}", value, 0)
        _at_least("loss.cached", self.cached, 0)
        if self.matryoshka:
            _at_least("loss.matryoshka", min(self.matryoshka), 1)
        _share("loss.token_dropout", self.token_dropout)
        if not self.simcse_temperature > 0:
            raise ConfigurationError(
                f"loss.simcse_temperature is {self.simcse_temperature:g}; expected a number above 0"
            )
        if not self.temperature > 0:
            raise ConfigurationError(f"loss.temperature is {self.temperature:g}; expected a number above 0")
        if self.kind == "distillation" and not self.teacher:
            raise ConfigurationError("loss.kind is distillation, but loss.teacher names no encoder")


@dataclass(frozen=True, slots=True)
class OptimizerConfig:
    """The optimiser.

    Attributes:
        rate: Peak learning rate of AdamW.
        weight_decay: Weight decay of AdamW.
        warmup: Share of the steps over which the rate rises; it then falls linearly to zero.
        epochs: Passes over the batches, unless `steps` is given.
        steps: Optimiser steps; None for `epochs`.
        clip: Maximum norm of a gradient; 0 for no limit.
        precision: `auto`, `fp32`, `bf16` or `fp16`. `auto` is bf16 for a transformer on a CPU with AMX, otherwise fp32.
        seed: Seed of everything random.
        workers: Number of processes that read rows.
        device: `auto` or `cpu`.
    """

    rate: float = 3e-5
    weight_decay: float = 1e-2
    warmup: float = 0.1
    epochs: int = 1
    steps: int | None = None
    clip: float = 1.0
    precision: str = "auto"
    seed: int = 0
    workers: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        _among("optimizer.precision", self.precision, ("auto", "fp32", "bf16", "fp16"))
        _among("optimizer.device", self.device, ("auto", "cpu"))
        _at_least("optimizer.epochs", self.epochs, 1)
        for name, value in (("weight_decay", self.weight_decay), ("clip", self.clip), ("workers", self.workers)):
            _at_least(f"optimizer.{name}", value, 0)
        _share("optimizer.warmup", self.warmup)
        if not self.rate > 0:
            raise ConfigurationError(f"optimizer.rate is {self.rate:g}; expected a number above 0")
        if self.steps is not None:
            _at_least("optimizer.steps", self.steps, 1)


@dataclass(frozen=True, slots=True)
class ValidationConfig:
    """How the best checkpoint is chosen: on held-out rows, never on an evaluation set.

    Attributes:
        share: Share of the groups held out of training.
        queries: Maximum number of held-out queries to use.
        metric: `mAP` of held-out queries in the pool of all held-out passages, or `loss` on held-out pairs.
        every: Steps between validations, each with a checkpoint.
        patience: Validations without improvement before training stops; 0 never stops early.
        keep: Number of checkpoints to keep.
    """

    share: float = 0.05
    queries: int = 1000
    metric: str = "mAP"
    every: int = 500
    patience: int = 5
    keep: int = 2

    def __post_init__(self) -> None:
        _among("validation.metric", self.metric, ("mAP", "loss"))
        _share("validation.share", self.share)
        _at_least("validation.every", self.every, 1)
        _at_least("validation.queries", self.queries, 1)
        _at_least("validation.keep", self.keep, 1)
        _at_least("validation.patience", self.patience, 0)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The configuration of one run.

    Attributes:
        out: Run directory; the command line can name another.
    """

    data: DataConfig
    model: ModelConfig = field(default_factory=ModelConfig)
    batch: BatchConfig = field(default_factory=BatchConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    out: str = "runs/train"

    @classmethod
    def load(cls, path: Path) -> TrainingConfig:
        """Read a TOML or YAML file.

        Args:
            path: File that ends in .toml, .yaml or .yml.

        Raises:
            ConfigurationError: A key is unknown or a value is invalid; the message names both.
        """
        return build(cls, read_file(path), place=str(path))

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return asdict(self)
