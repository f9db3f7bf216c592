"""Batches of one task each: translation pairs, lexicon pairs, or questions of one language (hybrid batching)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.builtin.data import IntArray, Questions, Translations


@dataclass(frozen=True, slots=True)
class PairSampler:
    """Draws groups without replacement within a batch and two rows in different languages of each.

    Attributes:
        starts: First row of each group.
        sizes: Rows of each group.
        weights: (groups,) drawing probabilities.
        source: (groups,) number of each group's source.
        present: (groups,) uint64, a bit for each language that a group has.
        codes: (rows,) number of each row's language.
    """

    starts: IntArray
    sizes: IntArray
    weights: NDArray[np.float64]
    source: IntArray
    present: NDArray[np.uint64]
    codes: IntArray

    @classmethod
    def over(
        cls,
        data: Translations,
        *,
        balance: float,
        shares: Mapping[str, float] | None = None,
        keep: NDArray[np.bool_] | None = None,
    ) -> PairSampler:
        """Weigh groups by their language pair's size to the power `balance`, shared among the pair's groups.

        Args:
            shares: Share of each source in what is drawn; None leaves it to the sizes.
            keep: (groups,) which groups may be drawn; None for all.
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
        names, source = np.unique(data.sources[starts], return_inverse=True)
        if shares is not None:
            wanted = np.array([shares.get(name, 0.0) for name in names.tolist()])
            weights *= (wanted / np.maximum(np.bincount(source, weights), 1e-12))[source]
        return cls(
            starts=starts,
            sizes=sizes,
            weights=weights / weights.sum(),
            source=source.astype(np.int64),
            present=np.bitwise_or.reduceat(np.uint64(1) << codes.astype(np.uint64), starts),
            codes=codes,
        )

    def draw(self, rng: np.random.Generator, size: int, *, languages: int = 0) -> tuple[IntArray, IntArray]:
        """Rows of anchors and positives: two arrays of up to `size`.

        Args:
            languages: Draw so many languages first and take all rows from them; 0 for all languages. In few languages
                many texts of a query's own language compete with its translation.
        """
        if languages:
            return self._draw_among(rng, size, rng.choice(int(self.codes.max()) + 1, size=languages, replace=False))
        groups = _choose(rng, self.weights, size)
        count = self.sizes[groups]
        first = (rng.random(len(groups)) * count).astype(np.int64)
        second = (first + 1 + (rng.random(len(groups)) * (count - 1)).astype(np.int64)) % count
        return self.starts[groups] + first, self.starts[groups] + second

    def _draw_among(self, rng: np.random.Generator, size: int, spoken: IntArray) -> tuple[IntArray, IntArray]:
        wanted = np.bitwise_or.reduce(np.uint64(1) << spoken.astype(np.uint64))
        weights = self.weights * (np.bitwise_count(self.present & wanted) > 1)
        before, after = (np.bincount(self.source, values) for values in (self.weights, weights))
        weights *= np.divide(before, after, out=np.zeros_like(before), where=after > 0)[self.source]
        groups = _choose(rng, weights, size)
        count = self.sizes[groups]
        bounds = np.cumsum(count) - count
        owner = np.repeat(np.arange(len(groups)), count)
        rows = np.arange(int(count.sum())) - bounds[owner] + self.starts[groups][owner]
        spoken_row = np.isin(self.codes[rows], spoken)
        rows, owner = rows[spoken_row], owner[spoken_row]
        order = np.lexsort((rng.random(len(rows)), owner))
        rows, owner = rows[order], owner[order]
        first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        second = first + 1
        other = self.codes[rows[first]] != self.codes[rows[second]]
        return rows[first[other]], rows[second[other]]


def _choose(rng: np.random.Generator, weights: NDArray[np.float64], size: int) -> IntArray:
    cumulative = np.cumsum(weights)
    return np.unique(np.searchsorted(cumulative, rng.random(size) * cumulative[-1]).clip(max=len(weights) - 1))


@dataclass(frozen=True, slots=True)
class QuestionSampler:
    """Draws questions of one language, at most one per passage, each with another sentence of its passage."""

    data: Questions
    by_language: tuple[IntArray, ...]
    chances: NDArray[np.float64]

    @classmethod
    def over(cls, data: Questions, *, balance: float, keep: NDArray[np.bool_]) -> QuestionSampler:
        """Draw languages by size to the power `balance`; `keep` is (questions,)."""
        languages = sorted(set(data.languages[keep].tolist()))
        rows = tuple(np.flatnonzero((data.languages == language) & keep) for language in languages)
        chances = np.array([len(members) for members in rows], dtype=np.float64) ** balance
        return cls(data=data, by_language=rows, chances=chances / chances.sum())

    def draw(self, rng: np.random.Generator, size: int) -> tuple[IntArray, IntArray, IntArray]:
        """Question rows, gold sentence rows and other-sentence rows (the gold again where it stands alone)."""
        members = self.by_language[int(rng.choice(len(self.by_language), p=self.chances))]
        rows = rng.choice(members, size=min(size, len(members)), replace=False)
        gold = self.data.gold[rows]
        _, once = np.unique(self.data.passage[gold], return_index=True)
        rows, gold = rows[once], gold[once]
        passage = self.data.passage[gold]
        low, high = self.data.spans[passage], self.data.spans[passage + 1]
        other = low + (gold - low + 1 + (rng.random(len(gold)) * (high - low - 1)).astype(np.int64)) % (high - low)
        return rows, gold, other
