"""Compute features of how words sound, whatever their script, which names and numbers share across languages.

Every character is transliterated to Latin letters by a table. A word then contributes its first letters and its consonants
(vowels dropped, voiced and doubled consonants merged), and a number its digits. Each feature is hashed to a bucket that has a
vector like any token. "Πάνθερς", "Пантерз" and "Panthers" share `b n t r s`. All steps are NumPy over whole batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

SPELLING = 4
"""Maximum Latin letters per character."""
PREFIX = 4
"""First letters of a word that form a feature; shorter words have none."""
CONSONANTS = (2, 10)
"""Minimum and maximum consonants of a word that form a feature: longer runs are unspaced clauses, not words."""

DIGITS = 16
"""Maximum digits of a number."""
CHUNK = 1 << 16
"""Characters processed at a time: few enough to stay in a core's cache."""

_CLASSES = ("pb", "fv", "td", "kgqxc", "sz", "j", "m", "n", "l", "r")
_MERGED = np.zeros(256, dtype=np.uint8)
for _number, _letters in enumerate(_CLASSES, start=1):
    _MERGED[[ord(letter) for letter in _letters]] = _number
_POINT, _NUMBER = ord("."), 2
_KINDS = np.zeros(256, dtype=np.uint8)
_KINDS[ord("a") : ord("z") + 1] = 1
_KINDS[ord("0") : ord("9") + 1] = _NUMBER
_POWERS = np.cumprod(np.full(64, 0x9E3779B1, dtype=np.uint64))


@dataclass(frozen=True, slots=True)
class Sounds:
    """Turns texts into bucket numbers.

    Args:
        spelling: (65536,) uint32. The four bytes of an entry are the character's Latin letters, digits, a space at the end
            of a word, or a full stop where a number may continue; zero bytes are ignored.
        prefixes: Number of buckets of word beginnings and numbers, numbered from 0.
        consonants: Number of buckets of consonant sequences, numbered after those.
    """

    spelling: NDArray[np.uint32]
    prefixes: int
    consonants: int

    def features(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], IntArray]:
        """Return the bucket numbers of all texts, concatenated, and the (len(texts) + 1,) offsets of each text.

        Args:
            texts: Texts in any script.
        """
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 1
        chunk = np.cumsum(sizes) // CHUNK
        edges = [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), len(texts)]
        parts = [self._features(texts[first:last], sizes[first:last]) for first, last in pairwise(edges)]
        counts = np.concatenate([[0], *[count for _, count in parts]])
        return np.concatenate([found for found, _ in parts]), np.cumsum(counts, dtype=np.int64)

    def _features(self, texts: Sequence[str], sizes: IntArray) -> tuple[NDArray[np.int32], IntArray]:
        """Return the bucket numbers of all texts, concatenated, and the number of buckets per text."""
        if not len(texts):
            return np.zeros(0, dtype=np.int32), sizes
        characters = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le", "replace"), dtype="<u4")
        spelt = self.spelling[np.minimum(characters, 0xFFFF)].view(np.uint8)
        heard = spelt != 0
        texts_at = np.cumsum(sizes) - sizes
        letters, lengths = spelt[heard], np.add.reduceat(heard, texts_at * SPELLING, dtype=np.int64)
        kept = _kept(letters)
        lengths = np.add.reduceat(kept, np.cumsum(lengths) - lengths, dtype=np.int64)
        letters = letters[kept]
        words = _Words.of(letters)
        both = np.empty((len(words.starts), 2), dtype=np.int32)
        both[:, 0] = self._beginnings(letters, words)
        both[:, 1] = self._skeletons(letters, words)
        present = both >= 0
        bounds = np.searchsorted(words.starts, np.concatenate([[0], np.cumsum(lengths)]))
        before = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
        return both[present], np.diff(before[bounds])

    def _beginnings(self, letters: NDArray[np.uint8], words: _Words) -> IntArray:
        """Return the bucket of each word's first letters or of a whole number; -1 for short words."""
        taken = np.minimum(words.lengths, np.where(words.numbers, DIGITS, PREFIX))
        bucket = (_hash(letters, words.starts, taken) % np.uint64(self.prefixes)).astype(np.int64)
        return np.where(words.numbers | (words.lengths >= PREFIX), bucket, -1)

    def _skeletons(self, letters: NDArray[np.uint8], words: _Words) -> IntArray:
        """Return the bucket of each word's consonants; -1 for numbers and for too few or too many consonants."""
        merged = _MERGED[letters]
        at = np.flatnonzero(merged)
        code, word = merged[at], words.owners[at]
        fresh = np.ones(len(at), dtype=np.bool_)
        fresh[1:] = (code[1:] != code[:-1]) | (word[1:] != word[:-1])
        code, word = code[fresh], word[fresh]
        counts = np.bincount(word, minlength=len(words.starts))
        wanted = (counts >= CONSONANTS[0]) & (counts <= CONSONANTS[1]) & ~words.numbers
        hashed = _hash(code, np.cumsum(counts) - counts, np.where(wanted, counts, 0))
        bucket = self.prefixes + (hashed % np.uint64(self.consonants)).astype(np.int64)
        return np.where(wanted, bucket, -1)


@dataclass(frozen=True, slots=True)
class _Words:
    """Runs of letters and of digits; `owners` gives each letter's word and is meaningless between words."""

    starts: IntArray
    lengths: IntArray
    numbers: NDArray[np.bool_]
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, letters: NDArray[np.uint8]) -> _Words:
        kind = _KINDS[letters]
        edge = np.ones(len(kind), dtype=np.bool_)
        edge[1:] = kind[1:] != kind[:-1]
        edges = np.flatnonzero(edge)
        inside = kind[edges] > 0
        starts = edges[inside]
        first = np.zeros(len(kind), dtype=np.int32)
        first[starts] = 1
        lengths = np.diff(np.append(edges, len(kind)))[inside]
        return cls(starts=starts, lengths=lengths, numbers=kind[starts] == _NUMBER, owners=np.cumsum(first) - 1)


def _kept(letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Drop the second of doubled letters and the separators inside numbers (1,000 and 1.000 are 1000)."""
    digit = _KINDS[letters] == _NUMBER
    keep = np.ones(len(letters), dtype=np.bool_)
    keep[1:] = (letters[1:] != letters[:-1]) | digit[1:]
    keep[1:-1] &= ~((letters[1:-1] == _POINT) & digit[:-2] & digit[2:])
    return keep


def _hash(codes: NDArray[np.uint8], starts: IntArray, lengths: IntArray) -> NDArray[np.uint64]:
    """Compute a polynomial hash of `codes[start:start + length]` for each row."""
    hashed = np.zeros(len(starts), dtype=np.uint64)
    rows, at = np.arange(len(starts)), starts
    for place in range(int(lengths.max(initial=0))):
        longer = lengths[rows] > place
        rows, at = rows[longer], at[longer]
        hashed[rows] += (codes[at + place].astype(np.uint64) + np.uint64(1)) * _POWERS[place]
    hashed ^= hashed >> np.uint64(29)
    hashed *= np.uint64(0xBF58476D1CE4E5B9)
    return hashed ^ (hashed >> np.uint64(32))
