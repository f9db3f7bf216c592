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
        """Sum of the token vectors of each text, not normalised.

        Pieces never cross a space, so each distinct word is tokenised and summed once: words repeat, above all
        between passages and their contexts, and tokenising is by far the dearest step.
        """
        words = [text.split() for text in texts]
        rows = {word: row for row, word in enumerate(dict.fromkeys(word for found in words for word in found))}
        encodings = self._tokenizer.encode_batch_fast(list(rows), add_special_tokens=False)
        pieces = [encoding.ids for encoding in encodings]
        vectors = _sum_rows(
            self._table,
            np.fromiter((piece for found in pieces for piece in found), dtype=np.int32),
            np.array([len(found) for found in pieces], dtype=np.int64),
        )
        return _sum_rows(
            vectors,
            np.fromiter((rows[word] for found in words for word in found), dtype=np.int32),
            np.array([len(found) for found in words], dtype=np.int64),
        )


@lru_cache(maxsize=1)
def load_builtin() -> StaticEncoder:
    """Load the encoder that ships with the package; the same object every time."""
    return StaticEncoder.load(_BUILTIN, name="builtin")


def _sum_rows(table: FloatArray, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> FloatArray:
    """Sum the rows of each group: `ids` holds the groups one after the other, `lengths` their sizes; zeros if empty.

    The k-th rows of all groups are added at once, longest group first: five times faster than `np.add.reduceat`.
    """
    order = np.argsort(-lengths, kind="stable")
    longest = lengths[order]
    starts = (np.cumsum(lengths) - lengths)[order]
    sums: FloatArray = np.zeros((len(lengths), table.shape[1]), dtype=np.float32)
    for place in range(int(longest[0]) if len(longest) else 0):
        count = int(np.searchsorted(-longest, -place, side="left"))
        sums[:count] += table[ids[starts[:count] + place]]
    unsorted = np.empty_like(sums)
    unsorted[order] = sums
    return unsorted


def _unit(vectors: FloatArray) -> FloatArray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = vectors / np.maximum(norms, 1e-12)
    return unit


def _fingerprint(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in FILES:
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()
