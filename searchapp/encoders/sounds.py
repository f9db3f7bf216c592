"""How words sound, whatever their script: hashed features that names and numbers share across languages.

Every character is spelt in Latin letters through a table. A word then gives its first letters and its consonants
(vowels dropped, voiced and doubled consonants merged), a number gives its digits; each is hashed to a bucket that has a
vector like any token. "Πάνθερς", "Пантерз" and "Panthers" meet in `b n t r s`. All of it is NumPy over whole batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]

SPELLING = 4
"""Latin letters kept per character."""
PREFIX = 4
"""First letters of a word that make one feature; shorter words give none."""
CONSONANTS = (2, 10)
"""Fewest and most consonants of a word that make one feature: longer runs are unspaced clauses, not words."""

_CLASSES = ("pb", "fv", "td", "kgqxc", "sz", "j", "m", "n", "l", "r")
_MERGED = np.zeros(256, dtype=np.uint8)
for _number, _letters in enumerate(_CLASSES, start=1):
    _MERGED[[ord(letter) for letter in _letters]] = _number
_BREAK, _POINT = ord(" "), ord(".")
_DIGITS = (ord("0"), ord("9"))
_POWERS = np.cumprod(np.full(64, 0x9E3779B1, dtype=np.uint64))


@dataclass(frozen=True, slots=True)
class Sounds:
    """Turns texts into bucket numbers.

    Attributes:
        spelling: (65536,) uint32; the four bytes of an entry are the character's Latin letters, digits, a space where
            a word ends, or a full stop where a number may go on; zero bytes are left out.
        prefixes: Buckets of word beginnings and numbers, numbered from 0.
        consonants: Buckets of consonant sequences, numbered after those.
    """

    spelling: NDArray[np.uint32]
    prefixes: int
    consonants: int

    def features(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], IntArray]:
        """Bucket numbers of all texts end to end, and the (len(texts) + 1,) offsets of each text's first."""
        joined = np.frombuffer("".join([text + "\n" for text in texts]).encode("utf-32-le", "replace"), dtype="<u4")
        spelt = self.spelling[np.minimum(joined, 0xFFFF)].view(np.uint8)
        ends = np.cumsum([len(text) + 1 for text in texts], dtype=np.int64)
        letters, ends = _compress(spelt, spelt != 0, ends * SPELLING)
        letters, ends = _compress(letters, _kept(letters), ends)
        starts, lengths, is_number = _words(letters)
        both = np.full((len(starts), 2), -1, dtype=np.int32)
        both[:, 0] = self._beginnings(letters, starts, lengths, is_number)
        both[:, 1] = self._skeletons(letters, starts, lengths, is_number)
        counts = np.concatenate([[0], np.cumsum((both >= 0).sum(axis=1))])
        offsets = counts[np.searchsorted(starts, np.concatenate([[0], ends]))]
        flat = both.ravel()
        return flat[flat >= 0], offsets.astype(np.int64)

    def _beginnings(
        self, letters: NDArray[np.uint8], starts: IntArray, lengths: IntArray, is_number: NDArray[np.bool_]
    ) -> IntArray:
        """Bucket of each word's first letters or of a whole number; -1 for short words."""
        taken = np.where(is_number, np.minimum(lengths, 16), np.minimum(lengths, PREFIX))
        hashed = _hash(letters.astype(np.uint64), starts, taken)
        bucket = (hashed % np.uint64(self.prefixes)).astype(np.int64)
        return np.where(is_number | (lengths >= PREFIX), bucket, -1)

    def _skeletons(
        self, letters: NDArray[np.uint8], starts: IntArray, lengths: IntArray, is_number: NDArray[np.bool_]
    ) -> IntArray:
        """Bucket of each word's consonants; -1 for numbers and for too few or too many of them."""
        merged = _MERGED[letters]
        at = np.flatnonzero(merged)
        if not len(at):
            return np.full(len(starts), -1, dtype=np.int64)
        word = np.searchsorted(starts, at, side="right") - 1
        code = merged[at]
        fresh = np.ones(len(at), dtype=np.bool_)
        fresh[1:] = (code[1:] != code[:-1]) | (word[1:] != word[:-1])
        code, word = code[fresh], word[fresh]
        counts = np.bincount(word, minlength=len(starts))
        firsts = np.cumsum(counts) - counts
        wanted = (counts >= CONSONANTS[0]) & (counts <= CONSONANTS[1]) & ~is_number
        hashed = _hash(code.astype(np.uint64), firsts, np.where(wanted, counts, 0))
        bucket = self.prefixes + (hashed % np.uint64(self.consonants)).astype(np.int64)
        return np.where(wanted, bucket, -1)


def _compress(values: NDArray[np.uint8], keep: NDArray[np.bool_], ends: IntArray) -> tuple[NDArray[np.uint8], IntArray]:
    """Keep some bytes, and move the ends of texts accordingly."""
    before = np.concatenate([[0], np.cumsum(keep)])
    return values[keep], before[ends]


def _is_digit(letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (letters >= _DIGITS[0]) & (letters <= _DIGITS[1])
    return inside


def _kept(letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Leave out the second of doubled letters and the separators inside numbers (1,000 and 1.000 are 1000)."""
    digit = _is_digit(letters)
    keep = np.ones(len(letters), dtype=np.bool_)
    keep[1:] = (letters[1:] != letters[:-1]) | digit[1:]
    keep[1:-1] &= ~((letters[1:-1] == _POINT) & digit[:-2] & digit[2:])
    return keep


def _words(letters: NDArray[np.uint8]) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """Starts and lengths of runs of letters and of digits, and which are digits."""
    kind = np.where(letters > ord("9"), 1, np.where(_is_digit(letters), 2, 0)).astype(np.int8)
    edges = np.flatnonzero(np.concatenate([[True], kind[1:] != kind[:-1]])) if len(kind) else np.zeros(0, np.int64)
    lengths = np.diff(np.concatenate([edges, [len(kind)]]))
    inside = kind[edges] > 0
    return edges[inside], lengths[inside], kind[edges[inside]] == 2


def _hash(codes: NDArray[np.uint64], starts: IntArray, lengths: IntArray) -> NDArray[np.uint64]:
    """Polynomial hash of `codes[start:start + length]` for each row; the longest may have 64 codes."""
    hashed = np.zeros(len(starts), dtype=np.uint64)
    for place in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > place)
        hashed[rows] += (codes[starts[rows] + place] + np.uint64(1)) * _POWERS[place]
    hashed ^= hashed >> np.uint64(29)
    hashed *= np.uint64(0xBF58476D1CE4E5B9)
    return hashed ^ (hashed >> np.uint64(32))
