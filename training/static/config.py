"""Read the recipe of the shipped static encoder from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from training.config.reading import build, read_file


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a training run.

    Attributes:
        vocabulary: Number of tokens of the unigram vocabulary.
        dimension: Length of an embedding.
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

    vocabulary: int = 64_000
    dimension: int = 256
    steps: int = 4000
    batch: int = 2048
    qa_batch: int = 512
    temperature: float = 0.05
    rate: float = 0.02
    weight_rate: float = 0.005
    translation: float = 0.6
    lexicon: float = 0.1
    qa: float = 0.3
    balance: float = 0.5
    context_weight: float = 0.4
    shipped_context_weight: float = 0.8
    sif: float = 3e-4
    threads: int = 2
    seed: int = 7
    prefixes: int = 24_576
    consonants: int = 12_288
    dropout: float = 0.0
    question_dropout: float = 0.0
    finish_steps: int = 0
    finish_batch: int = 4096
    finish_rate: float = 0.03
    length_power: float = 1.0
    shares: Mapping[str, float] = field(default_factory=dict)
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
