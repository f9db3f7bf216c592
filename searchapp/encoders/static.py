"""The built-in kind of encoder: the weighted sum of a text's token vectors. NumPy and tokenizers, no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.datatypes import FloatArray
from searchapp.errors import EncoderError

FORMAT = 1
FILES = ("config.json", "tokenizer.json", "vectors.npy", "scales.npy")
CHUNK = 4096
"""Tokens gathered at a time: small enough to stay in a core's cache."""

_BUILTIN = Path(__file__).parent / "builtin"


class StaticEncoder:
    """Embeds by summing token vectors; a passage's context joins at a fixed weight. Thread-safe.

    The vectors are int8 with one scale per token; token weights are already multiplied in. A passage's embedding is
    `unit(unit(text) + context_weight * unit(context))`, which is LAReQA's "sentence with its context" for bags.

    Args:
        vectors: (vocabulary, dimension) int8.
        scales: (vocabulary,) float32.
    """

    def __init__(
        self,
        *,
        name: str,
        tokenizer: Tokenizer,
        vectors: NDArray[np.int8],
        scales: NDArray[np.float32],
        context_weight: float,
        max_tokens: int,
        fingerprint: str,
    ) -> None:
        self._name = name
        self._tokenizer = tokenizer
        self._table: FloatArray = vectors.astype(np.float32)
        self._table *= scales[:, None]
        self._context_weight = context_weight
        self._max_tokens = max_tokens
        self._fingerprint = fingerprint

    @classmethod
    def load(cls, path: Path | str, *, name: str | None = None) -> StaticEncoder:
        """Read a folder that `training.builtin` wrote.

        Raises:
            EncoderError: A file is missing or damaged; the message names it.
        """
        folder = Path(path)
        if missing := [file for file in FILES if not (folder / file).is_file()]:
            raise EncoderError(f"{folder}: {', '.join(missing)} missing; expected {', '.join(FILES)}")
        try:
            config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            vectors, scales = np.load(folder / "vectors.npy"), np.load(folder / "scales.npy")
            expected = (config["vocabulary"], config["dimension"])
            context_weight, max_tokens = float(config["context_weight"]), int(config["max_tokens"])
        except Exception as error:  # the tokenizer's parser raises bare Exception
            raise EncoderError(f"{folder}: damaged encoder ({error}); install or export it again") from error
        if config.get("format") != FORMAT:
            raise EncoderError(f"{folder}/config.json: format {config.get('format')}, expected {FORMAT}")
        if vectors.shape != expected or vectors.dtype != np.int8 or scales.shape != expected[:1]:
            raise EncoderError(
                f"{folder}/vectors.npy: {vectors.dtype} {vectors.shape} with scales {scales.shape}, "
                f"expected int8 {expected}"
            )
        return cls(
            name=name or str(folder),
            tokenizer=tokenizer,
            vectors=vectors,
            scales=scales,
            context_weight=context_weight,
            max_tokens=max_tokens,
            fingerprint=_fingerprint(folder),
        )

    @property
    def name(self) -> str:
        """`builtin`, or the folder."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        return int(self._table.shape[1])

    @property
    def fingerprint(self) -> str:
        """Hash of the files."""
        return self._fingerprint

    def count_tokens(self, text: str) -> int:
        """Number of tokens that the encoder sees in a text."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries: (n, dimension) float32, unit length; zeros for a text without a known token."""
        return _unit(self._sums(texts))

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages, each with its context when given: (n, dimension) float32, unit length."""
        vectors = _unit(self._sums(texts))
        if contexts is not None and any(contexts):
            rows = {context: row for row, context in enumerate(dict.fromkeys(contexts))}
            around = _unit(self._sums(list(rows)))
            vectors += self._context_weight * around[[rows[context] for context in contexts]]
            vectors = _unit(vectors)
        return vectors

    def close(self) -> None:
        """Nothing to release: the vectors go with the object."""

    def _sums(self, texts: Sequence[str]) -> FloatArray:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        bags = [encoding.ids[: self._max_tokens] for encoding in encodings]
        lengths = np.array([len(bag) for bag in bags], dtype=np.int64)
        sums: FloatArray = np.zeros((len(texts), self.dimension), dtype=np.float32)
        filled = np.flatnonzero(lengths)
        if not len(filled):
            return sums
        ids = np.fromiter((token for bag in bags for token in bag), dtype=np.int32, count=int(lengths.sum()))
        ends = np.cumsum(lengths[filled])
        starts = ends - lengths[filled]
        first = 0
        while first < len(filled):
            last = max(first + 1, int(np.searchsorted(ends, starts[first] + CHUNK, side="right")))
            gathered = self._table[ids[starts[first] : ends[last - 1]]]
            sums[filled[first:last]] = np.add.reduceat(gathered, starts[first:last] - starts[first], axis=0)
            first = last
        return sums


@lru_cache(maxsize=1)
def load_builtin() -> StaticEncoder:
    """Load the encoder that ships with the package; the same object every time."""
    return StaticEncoder.load(_BUILTIN, name="builtin")


def _unit(vectors: FloatArray) -> FloatArray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = vectors / np.maximum(norms, 1e-12)
    return unit


def _fingerprint(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in FILES:
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()
