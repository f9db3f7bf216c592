"""Everything that the study fixes; nothing here was chosen on an evaluation set."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
"""XQuAD-R's."""

ZERO_SHOT = ("el", "vi")
"""Of them, without native questions and passages in the warm start, as in the paper's set-up."""

QUESTION_LANGUAGES = ("ar", "en", "ja", "ko", "sw", "th", "tr", "zh")


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes of the study.

    Attributes:
        dimensions: Of the static encoders compared.
        seeds: Of fine-tuning: order of rows, languages of pairs, token dropout.
        alphas: Shares of monolingual batches in the sweep, beside the strategies' own 0, 0.5 and 1.
        sweep_dimension: Encoder of the sweep.
        vocabulary: Unigram pieces.
        simcse_weight: λ of the runs with SimCSE.
        simcse_dropout: Probability of leaving out a token there.
        temperature: Of the retrieval softmax.
        batch: Pairs per batch.
        steps: Of fine-tuning.
        rate: Peak learning rate of fine-tuning, falling linearly to zero.
        start_batch: Pairs per batch of the warm start.
        start_steps: Of the warm start.
        start_rate: Its peak learning rate.
        start_translations: Translation pairs per unordered language pair in the warm start, at most.
        context_weight: Weight of a passage's context beside the passage itself, in evaluation.
        held_out: Share of the parallel groups kept for development figures.
    """

    dimensions: tuple[int, ...] = (64, 128, 256)
    seeds: tuple[int, ...] = (0, 1, 2)
    alphas: tuple[float, ...] = (0.25, 0.75)
    sweep_dimension: int = 128
    vocabulary: int = 24_000
    simcse_weight: float = 0.1
    simcse_dropout: float = 0.5
    temperature: float = 0.05
    batch: int = 256
    steps: int = 160
    rate: float = 0.01
    start_batch: int = 256
    start_steps: int = 1_000
    start_rate: float = 0.01
    start_translations: int = 4_000
    context_weight: float = 0.4
    held_out: float = 0.1
