"""Draw batches of one task each: translation pairs, lexicon pairs, or questions of one language (hybrid batching)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.datasets.translations import Translations
from training.static.data import IntArray, Questions


@dataclass(frozen=True, slots=True)
class PairSampler:
    """Draws groups without replacement within a batch, and two rows of each.

    Unlike `HybridBatchSampler`, which orders existing pairs, it pairs rows again at every draw: all pairs of a group of 34
    languages would be 1,122 rows.

    Attributes:
        starts: First row of each group.
        sizes: Number of rows of each group.
        cumulative: Cumulative probabilities of the groups.
    """

    starts: IntArray
    sizes: IntArray
    cumulative: NDArray[np.float64]

    @classmethod
    def over(
        cls,
        data: Translations,
        *,
        balance: float,
        shares: Mapping[str, float] | None = None,
        keep: NDArray[np.bool_] | None = None,
    ) -> PairSampler:
        """Weight groups by the size of their language pair to the power `balance`, divided among the pair's groups.

        Args:
            data: Groups of translations.
            balance: Exponent of a language pair's size: 1 draws groups evenly, 0 draws language pairs evenly.
            shares: Share of each source among the drawn pairs; None leaves it to their sizes.
            keep: (groups,) whether a group may be drawn; None for all.
        """
        starts = np.flatnonzero(np.r_[True, data.groups[1:] != data.groups[:-1]])
        sizes = np.diff(np.r_[starts, len(data.groups)])
        codes = np.unique(data.languages, return_inverse=True)[1].astype(np.int64)
        first, last = codes[starts], codes[starts + sizes - 1]
        pair = np.where(sizes > 2, -1, np.minimum(first, last) * 1000 + np.maximum(first, last))
        _, inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)
        weights = counts[inverse].astype(np.float64) ** (balance - 1) * (sizes - 1.0)
        if keep is not None:
            weights = weights * keep
        if shares is not None:
            source = data.sources[starts]
            for name, share in shares.items():
                of = source == name
                weights[of] *= share / max(weights[of].sum(), 1e-12)
        return cls(starts=starts, sizes=sizes, cumulative=np.cumsum(weights / weights.sum()))

    def draw(self, rng: np.random.Generator, size: int) -> tuple[IntArray, IntArray]:
        """Draw rows of anchors and positives: two arrays of equal length.

        Args:
            rng: Draws groups and rows.
            size: Maximum number of pairs; fewer if a group is drawn twice.
        """
        groups = np.unique(np.searchsorted(self.cumulative, rng.random(size)).clip(max=len(self.starts) - 1))
        count = self.sizes[groups]
        first = (rng.random(len(groups)) * count).astype(np.int64)
        second = (first + 1 + (rng.random(len(groups)) * (count - 1)).astype(np.int64)) % count
        return self.starts[groups] + first, self.starts[groups] + second


@dataclass(frozen=True, slots=True)
class QuestionSampler:
    """Draws questions of one language, at most one per passage, each with another sentence of its passage."""

    data: Questions
    by_language: tuple[IntArray, ...]
    chances: NDArray[np.float64]

    @classmethod
    def over(cls, data: Questions, *, balance: float, keep: NDArray[np.bool_]) -> QuestionSampler:
        """Create a sampler that draws languages by size to a power.

        Args:
            data: All questions.
            balance: Exponent on the number of questions of a language; 1 is by size, 0 is uniform.
            keep: (questions,) whether a question may be drawn.
        """
        languages = sorted(set(data.languages[keep].tolist()))
        rows = tuple(np.flatnonzero((data.languages == language) & keep) for language in languages)
        chances = np.array([len(members) for members in rows], dtype=np.float64) ** balance
        return cls(data=data, by_language=rows, chances=chances / chances.sum())

    def draw(self, rng: np.random.Generator, size: int) -> tuple[IntArray, IntArray, IntArray]:
        """Draw rows of questions, gold sentences and other sentences (the gold again if it is the only one).

        Args:
            rng: Draws the language, the questions and the other sentences.
            size: Maximum number of questions; fewer if the language has fewer or two share a passage.
        """
        members = self.by_language[int(rng.choice(len(self.by_language), p=self.chances))]
        rows = rng.choice(members, size=min(size, len(members)), replace=False)
        gold = self.data.gold[rows]
        _, once = np.unique(self.data.passage[gold], return_index=True)
        rows, gold = rows[once], gold[once]
        passage = self.data.passage[gold]
        low, high = self.data.spans[passage], self.data.spans[passage + 1]
        other = low + (gold - low + 1 + (rng.random(len(gold)) * (high - low - 1)).astype(np.int64)) % (high - low)
        return rows, gold, other
