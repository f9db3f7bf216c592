"""The recipe of the shipped encoder, read from TOML."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from searchapp.errors import ConfigurationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every choice of one training run.

    Attributes:
        vocabulary: Tokens of the unigram vocabulary.
        dimension: Length of an embedding.
        steps: Batches; the learning rate falls linearly to zero over them.
        batch: Pairs per batch, all of one task.
        qa_batch: The same for question–passage batches, whose texts are longer.
        temperature: Of the InfoNCE softmax over cosines.
        rate: Peak learning rate of Adam on the token vectors.
        weight_rate: The same on the log token weights.
        translation: Share of batches drawn from translation pairs.
        lexicon: Share drawn from the lexicon.
        qa: Share drawn from question–passage pairs, one language a batch.
        balance: Exponent on the size of a language pair when drawing translations; 1 is by size, 0 is uniform.
        context_weight: Weight of the context's vector beside the passage's own.
        sif: The `a` of SIF weights a / (a + p(token)) that token weights start from (Arora et al. 2017).
        switch: Probability that a word of a question is replaced by a lexicon translation; 0 leaves questions alone.
        sources: Translation sources allowed in shipped weights.
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
    sif: float = 3e-4
    switch: float = 0.0
    threads: int = 2
    seed: int = 7
    sources: tuple[str, ...] = ()
    qa_sources: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Recipe:
        """Read a TOML file; unknown keys are errors that name the known ones."""
        try:
            raw: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"{path}: {error}") from error
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(raw) - known):
            raise ConfigurationError(f"{path}: unknown keys {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        settings: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        return cls(**settings)
