"""Fix the settings of the study. None was chosen on an evaluation set."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
"""Languages of XQuAD-R."""

ZERO_SHOT = ("el", "vi")
"""Those without native questions and passages in the warm start, as in the paper's set-up."""

QUESTION_LANGUAGES = ("ar", "en", "ja", "ko", "sw", "th", "tr", "zh")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the study.

    Attributes:
        dimensions: Dimensions of the compared static encoders.
        seeds: Seeds of fine-tuning: order of rows, languages of pairs, token dropout.
        alphas: Shares of monolingual batches in the sweep, in addition to the strategies' own 0, 0.5 and 1.
        sweep_dimension: Dimension of the encoder in the sweep.
        vocabulary: Number of unigram pieces.
        simcse_weight: Weight λ in the runs with SimCSE.
        simcse_dropout: Probability of dropping a token in these runs.
        temperature: Temperature of the retrieval softmax.
        batch: Pairs per batch.
        steps: Steps of fine-tuning.
        rate: Peak learning rate of fine-tuning, falling linearly to zero.
        start_batch: Pairs per batch of the warm start.
        start_steps: Steps of the warm start.
        start_rate: Peak learning rate of the warm start.
        start_translations: Maximum translation pairs per unordered language pair in the warm start.
        context_weight: Weight of a passage's context in evaluation, relative to the passage's 1.
        held_out: Share of the parallel groups held out for development figures.
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
