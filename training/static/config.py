"""Read the recipe of the shipped static encoder from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from pydantic.dataclasses import dataclass

from training.config.reading import build, read_file
from training.config.values import STRICT, AtLeastOne, Count, LeftOut, Number, Positive, Share


@dataclass(frozen=True, slots=True, config=STRICT)
class Recipe:
    """All settings of a training run.

    Attributes:
        vocabulary: Number of tokens of the unigram vocabulary.
        dimension: AtLeastOne of an embedding.
        steps: Number of batches; the learning rate falls linearly to zero over them.
        batch: Pairs per batch, all of one task.
        qa_batch: The same for question–passage batches, whose texts are longer.
        temperature: Temperature of the InfoNCE softmax over cosines.
        rate: Peak learning rate of Adam on the token vectors.
        weight_rate: The same on the log token weights.
        translation: Share of batches drawn from translation pairs.
        lexicon: Share of batches drawn from the lexicon.
        qa: Share of batches drawn from question–passage pairs, one language per batch.
        balance: Exponent on the size of a language pair when drawing translations; 1 is by size, 0 is uniform.
        context_weight: Weight of the context's vector in training, relative to the passage's 1.
        shipped_context_weight: The same in the shipped encoder; slightly more is better there, on held-out questions.
        sif: The `a` of the SIF weights a / (a + p(token)) that token weights start from (Arora et al. 2017).
        prefixes: Buckets for word beginnings and numbers; see `searchapp.encoders.sounds`.
        consonants: Buckets for consonant sequences.
        dropout: Probability of dropping a token of an anchor, so that parts find the whole.
        question_dropout: The same for a question.
        finish_steps: Steps of a second phase that continues the first with larger batches; 0 for none.
        finish_batch: Pairs per batch in it: more negatives, once the easy ones are learned.
        finish_rate: Its peak learning rate.
        length_power: Exponent on the length of each trained token vector; see `training.static.refine`.
        shares: Translation sources, all with licences that allow publishing weights, and the share of each in the
            translation batches.
        qa_sources: The same for question–passage pairs.
    """

    vocabulary: AtLeastOne = 64_000
    dimension: AtLeastOne = 256
    steps: Count = 4000
    batch: AtLeastOne = 2048
    qa_batch: AtLeastOne = 512
    temperature: Positive = 0.05
    rate: Positive = 0.02
    weight_rate: Positive = 0.005
    translation: Share = 0.6
    lexicon: Share = 0.1
    qa: Share = 0.3
    balance: Number = 0.5
    context_weight: Number = 0.4
    shipped_context_weight: Number = 0.8
    sif: Positive = 3e-4
    threads: AtLeastOne = 2
    seed: int = 7
    prefixes: Count = 24_576
    consonants: Count = 12_288
    dropout: LeftOut = 0.0
    question_dropout: LeftOut = 0.0
    finish_steps: Count = 0
    finish_batch: AtLeastOne = 4096
    finish_rate: Positive = 0.03
    length_power: Number = 1.0
    shares: Mapping[str, Number] = field(default_factory=dict)
    qa_sources: tuple[str, ...] = ()

    @property
    def finish(self) -> Recipe | None:
        """Return the second phase as a recipe of its own, with its own order of batches."""
        if not self.finish_steps:
            return None
        phase = {"steps": self.finish_steps, "batch": self.finish_batch, "rate": self.finish_rate}
        return replace(self, **phase, seed=self.seed + 4, finish_steps=0)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a TOML file; unknown keys are errors that name the known ones.

        Args:
            path: TOML file, such as those in `training/recipes`.
        """
        return build(cls, read_file(path), place=str(path))
