"""Read the recipe of the shipped transformer from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from searchapp.errors import ConfigurationError
from training.config.reading import build, read_file

TARGETS = ("english", "centred")


@dataclass(frozen=True, slots=True)
class Run:
    """The settings in which a run differs from the recipe; None means the recipe's value.

    Attributes:
        name: Name of its folder.
    """

    name: str
    steps: int | None = None
    rate: float | None = None
    alpha: float | None = None
    mixed: float | None = None
    distillation: float | None = None
    relational: float | None = None
    contrastive: float | None = None
    question_teacher: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of the shipped encoder: several runs, whose weights are averaged.

    Attributes:
        steps: Optimiser steps; the rate rises over the first `warmup` of them and then falls linearly to zero.
        rows: Groups per batch of translations, each with two texts.
        questions: Questions per batch of questions.
        rate: Peak learning rate of AdamW.
        weight_decay: Weight decay of matrices in AdamW.
        warmup: Share of the steps for warm-up.
        clip: Maximum norm of the gradient.
        alpha: Share of monolingual batches: questions of one language.
        mixed: Share of batches with questions of all languages, so that passages of other languages are negatives. The
            remaining batches are translations.
        lexicon: Share of lemmas in the rows of a translation batch.
        parts: Share of the queries of a translation batch that are cut to a run of 30 to 60 % of their tokens.
        switched: Share of the questions that are code-switched into another language.
        passages: Share of the questions that search for their whole passage. The others search for the sentence with
            their answer, with another sentence of the passage as a hard negative.
        temperature: Temperature of the softmax over the student's cosines.
        teacher_temperature: Temperature of the softmax over the teacher's cosines.
        distillation: Weight of 1 - cosine to the teacher's embedding of the group.
        relational: Weight of the cross-entropy to the teacher's in-batch similarities.
        contrastive: Weight of InfoNCE.
        question_teacher: Share of the teacher's similarities in the labels of monolingual question batches.
        target: The teacher's embedding of a group: `english`, that of its English text; or `centred`, the mean over its
            texts, each without its language's mean.
        words: Also train the word embeddings.
        balance: Exponent on the size of a language pair when translations are drawn; 0 is uniform.
        tokens: Maximum tokens per text.
        batch_tokens: Padded tokens per forward pass; gradients of several passes make a step.
        shares: Translation sources and their shares of the translation rows.
        question_sources: Sources of questions.
        guard: Folders of evaluation sets next to the data. Rows that share eight consecutive words with one are left out.
        pieces: Number of pieces of the trimmed vocabulary.
        runs: Runs whose weights are averaged.
        base_shares: Shares of the base's weights to try in that mean; the best on held-out rows is chosen.
        pair_groups: Maximum number of groups of two languages (Tatoeba), one of them always English.
        group_texts: Maximum number of texts per source, except multi-parallel ones.
        precision: `bf16` or `fp32`.
        seed: Seed of everything random.
    """

    steps: int = 800
    rows: int = 1024
    questions: int = 256
    rate: float = 1e-4
    weight_decay: float = 1e-2
    warmup: float = 0.1
    clip: float = 1.0
    alpha: float = 0.15
    mixed: float = 0.15
    lexicon: float = 0.1
    parts: float = 0.25
    switched: float = 0.3
    passages: float = 0.3
    temperature: float = 0.03
    teacher_temperature: float = 0.03
    distillation: float = 10.0
    relational: float = 1.0
    contrastive: float = 0.2
    question_teacher: float = 0.3
    target: str = "english"
    words: bool = False
    balance: float = 0.5
    tokens: int = 128
    batch_tokens: int = 32_768
    shares: Mapping[str, float] = field(default_factory=dict)
    question_sources: tuple[str, ...] = ()
    guard: tuple[str, ...] = ("xquad-r", "scifact")
    pieces: int = 146_000
    runs: tuple[Run, ...] = (Run("only"),)
    base_shares: tuple[float, ...] = (0.0,)
    pair_groups: int = 200_000
    group_texts: int = 90_000
    precision: str = "bf16"
    seed: int = 1

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise ConfigurationError(f"target is {self.target!r}; expected one of {', '.join(TARGETS)}")
        if self.precision not in ("bf16", "fp32"):
            raise ConfigurationError(f"precision is {self.precision!r}; expected bf16 or fp32")
        if not 0 <= self.alpha + self.mixed <= 1:
            raise ConfigurationError(f"alpha + mixed is {self.alpha + self.mixed:g}; expected a share from 0 to 1")

    def of(self, run: Run) -> Recipe:
        """Return the recipe of one run.

        Args:
            run: Run whose settings, where it has any, replace those of the recipe.
        """
        changes = {name: value for name, value in asdict(run).items() if name != "name" and value is not None}
        return replace(self, **changes)

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a TOML file; unknown keys are errors that name the known ones.

        Args:
            path: TOML file, such as those in `training/recipes`.
        """
        return build(cls, read_file(path), place=str(path))
