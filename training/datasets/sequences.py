"""Find word sequences that texts share, for millions of words per second, with characters and hashes as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

import numpy as np
import regex
from numpy.typing import NDArray

from searchapp.text import scripts

WORDS = 8
IDEOGRAPHS = 14
"""Characters about as long as eight words, in Chinese and Japanese, where a character is almost a word."""

UNSPACED = 32
"""The same for Thai, Lao, Khmer and Burmese, whose words have four or five characters."""

BATCH = 256
"""Texts processed at once: few enough that their arrays stay in the CPU cache."""
OTHER, WORD, IDEOGRAPH, UNSPACED_LETTER = range(4)
_CLASSES = (
    (WORD, regex.compile(r"[\p{L}\p{M}\p{N}]")),
    (IDEOGRAPH, regex.compile(f"[{scripts.IDEOGRAPHS}]")),
    (UNSPACED_LETTER, regex.compile(f"[{scripts.CLAUSES}]")),
)
_LETTER_BASE, _WORD_BASE = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
"""Odd, so that each power has an inverse modulo 2^64."""

Hashes = NDArray[np.uint64]


class KnownSequences:
    """Recognises the sequences of some texts: eight words, or as much text in scripts without spaces.

    Case and punctuation are ignored. Sequences are compared by 64-bit hashes.

    Args:
        texts: Texts whose sequences are recognised.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        found = [hashes for batch in _batches(texts) for hashes, _ in sequences(batch)]
        self._known: Hashes = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)
        # Most sequences are unknown, which a table of 2^22 bits tells without a search.
        self._maybe = np.zeros(1 << 22, dtype=np.bool_)
        self._maybe[self._known >> np.uint64(42)] = True

    def __len__(self) -> int:
        return len(self._known)

    def found_in(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Return which texts contain a known sequence.

        Args:
            texts: Texts to check; may be empty.

        Returns:
            (texts,) verdicts.
        """
        verdicts = np.zeros(len(texts), dtype=np.bool_)
        for number, batch in enumerate(_batches(texts)):
            for hashes, owners in sequences(batch):
                likely = np.flatnonzero(self._maybe[hashes >> np.uint64(42)])
                places = np.searchsorted(self._known, hashes[likely]).clip(max=len(self._known) - 1)
                known = self._known[places] == hashes[likely] if len(self._known) else likely < 0
                verdicts[number * BATCH + owners[likely[known]]] = True
        return verdicts


def sequences(texts: Sequence[str]) -> Iterator[tuple[Hashes, NDArray[np.int64]]]:
    """Hash the sequences of texts, one kind of script after the other.

    Args:
        texts: At most some hundred texts.

    Yields:
        Hashes of the sequences, and the index of the text that contains each.
    """
    joined = "\n".join(text.casefold().replace("\n", " ") for text in texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kinds()[codes]
    breaks = codes == ord("\n")
    owners = np.cumsum(breaks) - breaks
    for kind, length in ((IDEOGRAPH, IDEOGRAPHS), (UNSPACED_LETTER, UNSPACED)):
        places = np.flatnonzero(kinds == kind)
        yield _windows(_mixed(codes[places].astype(np.uint64) + np.uint64(kind << 32)), owners[places], length)
    inside = np.diff(np.r_[False, kinds == WORD, False].astype(np.int8))
    starts, ends = np.flatnonzero(inside == 1), np.flatnonzero(inside == -1)
    yield _windows(_mixed(_sums(codes.astype(np.uint64), starts, ends, _LETTER_BASE)), owners[starts], WORDS)


def _windows(values: Hashes, owners: NDArray[np.int64], length: int) -> tuple[Hashes, NDArray[np.int64]]:
    """Hash each run of `length` values that belong to one text."""
    starts = np.arange(max(0, len(values) - length + 1))
    starts = starts[owners[starts] == owners[starts + length - 1]] if len(starts) else starts
    return _mixed(_sums(values, starts, starts + length, _WORD_BASE)), owners[starts]


def _sums(values: Hashes, starts: NDArray[np.int64], ends: NDArray[np.int64], base: int) -> Hashes:
    """Compute the polynomial Σ value · base^index of each run modulo 2^64."""
    powers = _powers(base, len(values))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values * powers, dtype=np.uint64)])
    inverse = _powers(pow(base, -1, 1 << 64), len(values))
    found: Hashes = (sums[ends] - sums[starts]) * inverse[starts]
    return found


def _powers(base: int, count: int) -> Hashes:
    """Return the powers of a base, 0 to `count` - 1, modulo 2^64."""
    return _table_of_powers(base, 1 << max(10, count.bit_length()))[:count]


@lru_cache(maxsize=64)
def _table_of_powers(base: int, count: int) -> Hashes:
    steps = np.full(count, base, dtype=np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)


def _mixed(values: Hashes) -> Hashes:
    """Spread values over all 64 bits (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = values ^ (values >> np.uint64(31))
    return mixed


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """Return the class of each code point."""
    kinds = np.zeros(0x110000, dtype=np.uint8)
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    for kind, pattern in _CLASSES:
        found = "".join(pattern.findall(every)).encode("utf-32-le")
        kinds[np.frombuffer(found, dtype=np.uint32)] = kind
    return kinds


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH)):
        yield batch
