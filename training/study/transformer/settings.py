"""Fix the settings of the study. None was chosen on an evaluation set."""

from __future__ import annotations

from dataclasses import dataclass

QUESTION_LANGUAGES = ("ar", "en", "ja", "ko", "sw", "th", "tr", "zh")
"""Languages with native questions and passages."""

ZERO_SHOT = ("de", "el", "es", "hi", "ru", "vi")
"""XQuAD-R's languages without question–passage rows, which occur only in translated sentences."""

LANGUAGES = tuple(sorted((*QUESTION_LANGUAGES, *ZERO_SHOT)))

QUESTION_SOURCES = ("arcd", "cmrc2018", "drcd", "iapp-wiki", "jaquad", "tquad", "tydiqa-goldp")
PARALLEL_SOURCES = ("flores200", "ntrex128")

QUERY_TOKENS = 32
PASSAGE_TOKENS = 64
"""Lengths in training, including special tokens and prompt."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the study.

    Attributes:
        layers: Compared sizes: the base cut to this number of layers.
        middle: Size for the sweep over α and the other objectives.
        seeds: Seeds of the rows' languages, the order of batches, and dropout.
        alphas: Shares of monolingual batches in addition to those of the strategies (0, 0.5 and 1).
        batch: Rows per batch.
        steps: Optimiser steps of fine-tuning.
        cut_steps: Optimiser steps that distil a cut base from the whole one.
        cut_rate: Peak learning rate of that distillation.
        rates: Learning rates tried per size on held-out rows.
        simcse_weights: Values of λ tried at the middle size on held-out rows.
        balance_weights: Values of μ tried there for the language balance loss.
        mean_weights: Weights tried there for the distillation to the group mean.
        temperature: Temperature of InfoNCE over cosines.
        simcse_temperature: Temperature of SimCSE's InfoNCE.
        dropout: Dropout of hidden states and attention in fine-tuning, with SimCSE and without.
        warmup: Share of the steps over which the rate rises; it then falls linearly to zero.
        weight_decay: Weight decay of matrices in AdamW.
        questions: Maximum question–passage rows per language.
        pieces: Maximum pieces of the vocabulary: those that the study's texts use most.
        pool: Maximum held-out passages per language in the non-parallel pool.
    """

    layers: tuple[int, ...] = (3, 6, 12)
    middle: int = 6
    seeds: tuple[int, ...] = (0, 1, 2)
    alphas: tuple[float, ...] = (0.25, 0.75)
    batch: int = 100
    steps: int = 300
    cut_steps: int = 1500
    cut_rate: float = 5e-4
    rates: tuple[float, ...] = (3e-5, 1e-4, 3e-4)
    simcse_weights: tuple[float, ...] = (0.1, 1.0)
    balance_weights: tuple[float, ...] = (0.1, 1.0)
    mean_weights: tuple[float, ...] = (1.0, 5.0)
    temperature: float = 0.025
    simcse_temperature: float = 0.05
    dropout: float = 0.1
    warmup: float = 0.1
    weight_decay: float = 1e-2
    questions: int = 2_500
    pieces: int = 45_000
    pool: int = 300
