"""Define the sections of a training configuration; pydantic checks their values when they are created."""

from __future__ import annotations

from dataclasses import asdict, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen
from pydantic.dataclasses import dataclass

from searchapp.errors import ConfigurationError
from training.config.data import SourceConfig
from training.config.reading import build, read_file
from training.config.values import STRICT, AtLeastOne, Count, LeftOut, Number, Positive, Share
from training.mixing import STRATEGIES, Draw, Mixing, Strategy


@dataclass(frozen=True, slots=True, config=STRICT)
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
    vocabulary: Annotated[int, Ge(100)] = 32_000
    dimension: AtLeastOne = 256
    pooling: Literal["mean", "cls"] = "mean"
    max_length: AtLeastOne | None = None
    query_prompt: str = ""
    passage_prompt: str = ""
    trust_remote_code: bool = False


@dataclass(frozen=True, slots=True, config=STRICT)
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
    probability: Share = 0.5
    share: Share = 0.5
    languages: tuple[str, ...] = ()
    kind: Literal["bilingual", "multilingual"] = "multilingual"
    columns: tuple[Literal["anchor", "positive"], ...] = ("anchor", "positive")


@dataclass(frozen=True, slots=True, config=STRICT)
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

    sources: Annotated[tuple[SourceConfig, ...], MinLen(1)]
    guard: tuple[str, ...] = ()
    on_overlap: Literal["refuse", "drop"] = "refuse"
    negatives: Count = 0
    miner: str = "builtin"
    code_switching: CodeSwitchingConfig = field(default_factory=CodeSwitchingConfig)


@dataclass(frozen=True, slots=True, config=STRICT)
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

    size: Annotated[int, Ge(2)] = 100
    strategy: Strategy = "hybrid"
    alpha: Share = 0.5
    draw: Draw = "uniform"
    temperature: Positive = 2.0
    simcse: Share = 0.0
    accumulate: AtLeastOne = 1
    least: AtLeastOne | None = None

    def __post_init__(self) -> None:
        if self.strategy != "hybrid" and self.alpha != 0.5:
            raise ConfigurationError(
                f'batch.alpha is {self.alpha:g}, but strategy "{self.strategy}" fixes it at '
                f'{STRATEGIES[self.strategy].alpha:g}; use strategy "hybrid" to set it'
            )

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


@dataclass(frozen=True, slots=True, config=STRICT)
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

    kind: Literal["retrieval", "distillation"] = "retrieval"
    temperature: Positive = 0.05
    symmetric: bool = False
    cached: Count = 0
    matryoshka: tuple[AtLeastOne, ...] = ()
    simcse_weight: Number = 0.0
    simcse_temperature: Positive = 0.05
    token_dropout: LeftOut = 0.1
    projection: bool = False
    balance_weight: Number = 0.0
    balance: Literal["balance", "divergence"] = "balance"
    teacher: str = ""
    pivot: str = "en"

    def __post_init__(self) -> None:
        if self.kind == "distillation" and not self.teacher:
            raise ConfigurationError("loss.kind is distillation, but loss.teacher names no encoder")


@dataclass(frozen=True, slots=True, config=STRICT)
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

    rate: Positive = 3e-5
    weight_decay: Number = 1e-2
    warmup: LeftOut = 0.1
    epochs: AtLeastOne = 1
    steps: AtLeastOne | None = None
    clip: Number = 1.0
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    seed: int = 0
    workers: Count = 0
    device: Literal["auto", "cpu"] = "auto"


@dataclass(frozen=True, slots=True, config=STRICT)
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

    share: LeftOut = 0.05
    queries: AtLeastOne = 1000
    metric: Literal["mAP", "loss"] = "mAP"
    every: AtLeastOne = 500
    patience: Count = 5
    keep: AtLeastOne = 2


@dataclass(frozen=True, slots=True, config=STRICT)
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
