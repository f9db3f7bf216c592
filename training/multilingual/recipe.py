"""Read the recipe of the shipped transformer from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, replace
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass

from searchapp.errors import ConfigurationError
from training.config.reading import build, read_file
from training.config.values import STRICT, AtLeastOne, Count, Number, Positive, Share


@dataclass(frozen=True, slots=True, config=STRICT)
class Run:
    """The settings in which a run differs from the recipe; None means the recipe's value.

    Attributes:
        name: Name of its folder.
    """

    name: str
    steps: AtLeastOne | None = None
    rate: Positive | None = None
    alpha: Share | None = None
    mixed: Share | None = None
    distillation: Number | None = None
    relational: Number | None = None
    contrastive: Number | None = None
    question_teacher: Share | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
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

    steps: AtLeastOne = 800
    rows: AtLeastOne = 1024
    questions: AtLeastOne = 256
    rate: Positive = 1e-4
    weight_decay: Number = 1e-2
    warmup: Share = 0.1
    clip: Number = 1.0
    alpha: Share = 0.15
    mixed: Share = 0.15
    lexicon: Share = 0.1
    parts: Share = 0.25
    switched: Share = 0.3
    passages: Share = 0.3
    temperature: Positive = 0.03
    teacher_temperature: Positive = 0.03
    distillation: Number = 10.0
    relational: Number = 1.0
    contrastive: Number = 0.2
    question_teacher: Share = 0.3
    target: Literal["english", "centred"] = "english"
    words: bool = False
    balance: Number = 0.5
    tokens: AtLeastOne = 128
    batch_tokens: AtLeastOne = 32_768
    shares: Mapping[str, Number] = field(default_factory=dict)
    question_sources: tuple[str, ...] = ()
    guard: tuple[str, ...] = ("xquad-r", "scifact")
    pieces: AtLeastOne = 146_000
    runs: tuple[Run, ...] = (Run("only"),)
    base_shares: tuple[Share, ...] = (0.0,)
    pair_groups: Count = 200_000
    group_texts: Count = 90_000
    precision: Literal["bf16", "fp32"] = "bf16"
    seed: int = 1

    def __post_init__(self) -> None:
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
