"""Find passages that are translations of each other: mutual nearest neighbours that third languages confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import seen_languages

NEAREST = 4
"""Nearest neighbours whose mean similarity the margin is relative to."""

SURE = 1.3
"""Minimum margin if there are only two languages and no third can confirm a pair: 5 % of 7,600 unrelated passages in seven
languages have such a neighbour."""

SAME = 0.9995
"""Minimum cosine at which a passage is identified with one of the reference; half precision loses less."""

AT_ONCE = 1024
NONE = -1

Links = NDArray[np.int32]
"""(passages, languages) index of the counterpart in each language, or -1."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Passages with their counterparts, sorted by language.

    Attributes:
        vectors: (n, dimension) unit vectors.
        bounds: (languages + 1,) first row of each language, and the end.
        links: (n, languages) counterparts of each passage.
        margin: Minimum ratio of a pair's similarity to the mean similarity of both sides' nearest.
    """

    vectors: FloatArray
    bounds: tuple[int, ...]
    languages: tuple[str, ...]
    links: Links
    margin: float

    @classmethod
    def mine(cls, vectors: FloatArray, languages: Sequence[str], *, margin: float, name: str) -> Reference:
        """Find the counterparts of passages; `und` and languages with fewer than `NEAREST` vectors are left out.

        Args:
            vectors: Embeddings of the passages, (n, dimension), float32, unit length.
            languages: Language of each passage.
            margin: Minimum ratio of a pair's similarity to the mean similarity of both sides' nearest.
            name: Name of the transform, for messages.

        Raises:
            BuildError: Fewer than two languages have enough vectors, or the arguments differ in length.
        """
        seen = seen_languages(vectors, languages, name=name, fewest=NEAREST)
        order = np.concatenate(list(seen.values()))
        # a reference restored from a file must find the same counterparts for later passages
        kept = vectors[order].astype(np.float16).astype(np.float32)
        bounds = tuple(np.cumsum([0, *map(len, seen.values())]).tolist())
        language = np.repeat(np.arange(len(seen)), np.diff(bounds))
        best, score, near = _by_language(kept, kept, bounds)
        rows = np.arange(len(kept))[:, None]
        there = language[:, None]  # of the passage, seen from its neighbour
        mutual = best[best, there] == rows
        ratio = 2 * score / np.maximum(near + near[best, there], 1e-6)
        direct = np.where(mutual & (ratio > margin), best, NONE)
        direct[rows[:, 0], language] = NONE
        known = direct.copy()
        known[rows[:, 0], language] = rows[:, 0]
        confirmed = _confirmed(direct, known, sure=_sure(ratio, len(bounds) - 1))
        known = confirmed.copy()
        known[rows[:, 0], language] = rows[:, 0]
        links = _completed(confirmed, known)
        links[rows[:, 0], language] = NONE
        return cls(vectors=kept, bounds=bounds, languages=tuple(seen), links=links, margin=margin)

    def counterparts(self, vectors: FloatArray, language: str) -> Links:
        """Find the counterparts of passages of one language, in the reference or not.

        A passage of the reference has the counterparts that were mined with it. A new one is compared in the same way, but on
        its own: its neighbours' counterparts confirm and complete its own.

        Args:
            vectors: Embeddings of the passages, (n, dimension), float32, unit length.
            language: Language of all of them; it may be one that the reference lacks.

        Returns:
            (n, languages) row of the counterpart in each language of the reference; `NONE` where there is none.
        """
        links = np.full((len(vectors), len(self.languages)), NONE, dtype=np.int32)
        new = np.arange(len(vectors))
        own = self.languages.index(language) if language in self.languages else None
        if own is not None and len(vectors):
            start, end = self.bounds[own], self.bounds[own + 1]
            best, score, _ = _nearest(vectors, self.vectors[start:end])
            links[score >= SAME] = self.links[start + best[score >= SAME]]
            new = np.flatnonzero(score < SAME)
        if len(new):
            links[new] = self._of_new(vectors[new], own)
        return links

    def _of_new(self, vectors: FloatArray, own: int | None) -> Links:
        best, score, near = _by_language(vectors, self.vectors, self.bounds)
        direct = np.full(best.shape, NONE, dtype=np.int32)
        ratio = np.zeros_like(score)
        for column in range(len(self.languages)):
            if column == own:
                continue
            back_score, back_near = np.full(len(vectors), -1.0), near[:, column]
            if own is not None:
                start, end = self.bounds[own], self.bounds[own + 1]
                _, back_score, back_near = _nearest(self.vectors[best[:, column]], self.vectors[start:end])
            ratio[:, column] = 2 * score[:, column] / np.maximum(near[:, column] + back_near, 1e-6)
            good = (score[:, column] >= back_score) & (ratio[:, column] > self.margin)
            direct[good, column] = best[good, column]
        known = self.links.copy()
        language = np.repeat(np.arange(len(self.languages)), np.diff(self.bounds))
        known[np.arange(len(known)), language] = np.arange(len(known))
        links = _completed(_confirmed(direct, known, sure=_sure(ratio, len(self.languages))), known)
        if own is not None:
            links[:, own] = NONE
        return links


def _sure(ratio: FloatArray, languages: int) -> NDArray[np.bool_]:
    """Mark the pairs that need no confirmation; none if confirmation is possible."""
    return np.asarray(ratio > (SURE if languages == 2 else np.inf))


def _confirmed(direct: Links, known: Links, *, sure: NDArray[np.bool_]) -> Links:
    """Keep the links that a third language confirms and those that need no confirmation.

    Args:
        direct: (passages, languages) nearest passage of the reference in each language, or NONE.
        known: (reference, languages) counterparts of the reference's passages, including themselves.
        sure: (passages, languages) True for links that need no confirmation.
    """
    kept = np.full_like(direct, NONE)
    for column in range(direct.shape[1]):
        rows = np.flatnonzero(direct[:, column] != NONE)
        theirs, own = known[direct[rows, column]], direct[rows]
        agree = (theirs == own) & (own != NONE)
        agree[:, column] = False
        good = rows[agree.any(axis=1) | sure[rows, column]]
        kept[good, column] = direct[good, column]
    return kept


def _completed(links: Links, known: Links) -> Links:
    """Fill gaps with the majority among the counterparts of a passage's counterparts."""
    width = links.shape[1]
    filled = links.copy()
    for start in range(0, len(links), AT_ONCE):
        part = links[start : start + AT_ONCE]
        votes = np.where(part[:, :, None] != NONE, known[part], NONE)  # (passages, through, in)
        most = np.zeros(part.shape, dtype=np.int64)
        chosen = np.full_like(part, NONE)
        for through in range(width):
            named = votes[:, through]
            count = np.where(named != NONE, (votes == named[:, None]).sum(axis=1), 0)
            better = count > most
            chosen[better], most[better] = named[better], count[better]
        gaps = part == NONE
        filled[start : start + AT_ONCE][gaps] = chosen[gaps]
    return filled


def _by_language(
    vectors: FloatArray, reference: FloatArray, bounds: Sequence[int]
) -> tuple[Links, FloatArray, FloatArray]:
    """Return the nearest row in every language, its similarity, and the mean similarity of the `NEAREST` nearest."""
    columns = [_nearest(vectors, reference[start:end]) for start, end in pairwise(bounds)]
    best = np.stack([start + column[0] for start, column in zip(bounds, columns, strict=False)], axis=1)
    score = np.stack([column[1] for column in columns], axis=1)
    return best.astype(np.int32), score, np.stack([column[2] for column in columns], axis=1)


def _nearest(vectors: FloatArray, block: FloatArray) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
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
