"""Which passages of a collection say the same in another language: mutual nearest neighbours with a margin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import seen_languages

NEAREST = 4
"""Neighbours whose mean similarity the margin compares with."""
AT_ONCE = 1024

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reference:
    """Passages to find counterparts among, sorted by language.

    Attributes:
        vectors: (n, dimension), unit length.
        bounds: (languages + 1,) first row of each language, and the end.
    """

    vectors: FloatArray
    bounds: tuple[int, ...]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, vectors: FloatArray, languages: Sequence[str], *, name: str) -> Reference:
        """Sort by language; `und` and languages with fewer than `NEAREST` vectors are left out."""
        seen = seen_languages(vectors, languages, name=name, fewest=NEAREST)
        order = np.concatenate(list(seen.values()))
        return cls(
            vectors=np.ascontiguousarray(vectors[order], dtype=np.float32),
            bounds=tuple(np.cumsum([0, *map(len, seen.values())]).tolist()),
            languages=tuple(seen),
        )

    def counterparts(self, vectors: FloatArray, language: str, *, margin: float) -> Iterator[tuple[IntArray, IntArray]]:
        """For every other language, the passages that have a counterpart in it and the reference's rows of these.

        Args:
            vectors: (n, dimension) passages of one language, in the reference or not.
            margin: Similarity over the mean of both sides' nearest, at least.
        """
        own = self._of(language)
        for other, (start, end) in zip(self.languages, pairwise(self.bounds), strict=True):
            if other == language:
                continue
            block = self.vectors[start:end]
            best, score, near = _nearest(vectors, block)
            # seen from the other side; a passage itself may be among its own language's vectors, or be new
            back_best, back_near = self._back(block[best], own)
            mutual = score >= back_best - 1e-3
            sure = 2 * score > margin * (near + back_near)
            places = np.flatnonzero(mutual & sure)
            yield places, start + best[places]

    def _of(self, language: str) -> FloatArray | None:
        if language not in self.languages:
            return None
        row = self.languages.index(language)
        return self.vectors[self.bounds[row] : self.bounds[row + 1]]

    @staticmethod
    def _back(vectors: FloatArray, own: FloatArray | None) -> tuple[FloatArray, FloatArray]:
        if own is None:  # an unseen language: nothing of it can be nearer
            return np.full(len(vectors), -1, np.float32), np.zeros(len(vectors), np.float32)
        _, score, near = _nearest(vectors, own)
        return score, near


def _nearest(vectors: FloatArray, block: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Nearest row of a block, its similarity, and the mean similarity of the `NEAREST` nearest."""
    best = np.empty(len(vectors), dtype=np.int64)
    score = np.empty(len(vectors), dtype=np.float32)
    near = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        similar = vectors[part] @ block.T
        best[part] = similar.argmax(axis=1)
        score[part] = similar.max(axis=1)
        near[part] = np.partition(similar, -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1)
    return best, score, near
