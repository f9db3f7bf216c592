"""Embed texts as weighted sums of token vectors, with NumPy and tokenizers and without torch."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.datatypes import FloatArray
from searchapp.encoders.atoms import AtomPieces
from searchapp.encoders.calibration import Calibration, read_calibration
from searchapp.encoders.sounds import Sounds
from searchapp.errors import EncoderError
from searchapp.statistics.vectors import unit

FORMAT = 3
FILES = ("config.json", "tokenizer.json", "spelling.npy", "vectors.npy", "scales.npy")
REMEMBERED = 1 << 15
"""Maximum number of words with cached vectors: 64 MB at 512 dimensions."""
_PAIRS = np.stack(np.meshgrid(np.arange(16), np.arange(16)), axis=-1).reshape(256, 2).astype(np.float32) - 8
_UNPACKED: NDArray[np.complex64] = _PAIRS.view(np.complex64).ravel()
"""The two numbers of each byte, low half first, so that one look-up gives eight bytes."""


class StaticEncoder:
    """Embeds a text as the sum of its token vectors; a passage's context has a fixed weight. Thread-safe.

    A text's tokens are the pieces of its words and features of their sound (see `searchapp.encoders.sounds`). The vectors
    have four bits per number and one scale per token; token weights are already multiplied in. A passage's embedding is
    `unit(unit(text) + context_weight * unit(context))`, LAReQA's "sentence with its context" for bags of tokens.

    Args:
        vectors: (tokens, dimension / 2) uint8, two numbers from -8 to 7 per byte, the first in the low half. The
            tokenizer's pieces come first, then the buckets of sounds.
        scales: (tokens,) float32.

    Attributes:
        name: Name by which it was loaded.
        dimension: Length of an embedding.
        fingerprint: Hash of the files.
        calibration: Search settings that suit the encoder.
    """

    def __init__(
        self,
        *,
        name: str,
        tokenizer: Tokenizer,
        sounds: Sounds,
        vectors: NDArray[np.uint8],
        scales: NDArray[np.float32],
        context_weight: float,
        fingerprint: str,
        calibration: Calibration,
    ) -> None:
        self.name = name
        self.dimension = 2 * int(vectors.shape[1])
        self._atoms = AtomPieces(tokenizer)
        self._sounds = sounds
        self._pieces = tokenizer.get_vocab_size()
        self._vectors = vectors
        self._scales = scales
        self._context_weight = context_weight
        self.fingerprint = fingerprint
        self.calibration = calibration
        self._words: dict[str, int] = {}
        self._word_rows: FloatArray = np.empty((REMEMBERED, self.dimension), dtype=np.float32)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, path: Path | str, *, name: str | None = None) -> StaticEncoder:
        """Read a folder that `training.static` wrote.

        Args:
            path: The folder.
            name: Name by which the encoder is known; None for the path.

        Raises:
            EncoderError: A file is missing or damaged; the message names it.
        """
        folder = Path(path)
        if missing := [file for file in FILES if not (folder / file).is_file()]:
            raise EncoderError(f"{folder}: {', '.join(missing)} missing; expected {', '.join(FILES)}")
        try:
            config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            vectors = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))
            scales, spelling = np.load(folder / "scales.npy"), np.load(folder / "spelling.npy")
            version = config["format"]
            sounds = Sounds(spelling=spelling, prefixes=config["prefixes"], consonants=config["consonants"])
            tokens = tokenizer.get_vocab_size() + sounds.prefixes + sounds.consonants
            expected = (tokens, config["dimension"] // 2)
            context_weight = float(config["context_weight"])
        except Exception as error:  # the tokenizer's parser raises bare Exception
            raise EncoderError(f"{folder}: damaged encoder ({error}); install or export it again") from error
        if version != FORMAT:
            raise EncoderError(f"{folder}/config.json: format {version}, expected {FORMAT}; export the encoder again")
        if vectors.shape != expected or vectors.dtype != np.uint8 or scales.shape != expected[:1]:
            raise EncoderError(
                f"{folder}/vectors.npy: {vectors.dtype} {vectors.shape} with scales {scales.shape}, "
                f"expected uint8 {expected}; export the encoder again"
            )
        if spelling.shape != (0x10000,) or spelling.dtype != np.uint32:
            raise EncoderError(
                f"{folder}/spelling.npy: {spelling.dtype} {spelling.shape}, expected uint32 (65536,); export it again"
            )
        return cls(
            name=name or str(folder),
            tokenizer=tokenizer,
            sounds=sounds,
            vectors=vectors,
            scales=scales,
            context_weight=context_weight,
            fingerprint=_fingerprint(folder),
            calibration=read_calibration(folder),
        )

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text, without its features of sound.

        Args:
            text: Text of any length.
        """
        return sum(map(len, self._atoms.pieces(text.split())))

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries: (n, dimension) float32, unit length; zeros for a text without known tokens.

        Args:
            texts: Texts of the queries.
        """
        return unit(self._sums(texts))

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages, each with its context if given: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the passages.
            contexts: Context of each passage, or an empty string; None for no contexts.
        """
        if contexts is None or not any(contexts):
            return unit(self._sums(texts))
        rows = {context: row for row, context in enumerate(dict.fromkeys(contexts), start=len(texts))}
        each = unit(self._sums([*texts, *rows]))  # together, because a passage shares its words with its context
        vectors: FloatArray = each[: len(texts)] + self._context_weight * each[[rows[context] for context in contexts]]
        return unit(vectors)

    def close(self) -> None:
        """Do nothing: the vectors are released with the object."""

    def _sums(self, texts: Sequence[str]) -> FloatArray:
        """Sum the token vectors of each text without normalising.

        Neither pieces nor sounds cross a space, so each distinct word is looked up and summed once: words repeat, above all
        between passages and their contexts, and cutting them into pieces is by far the most expensive step.
        """
        if len(texts) == 1:
            return self._sum_one(texts[0])
        words = [text.split() for text in texts]
        rows = {word: row for row, word in enumerate(dict.fromkeys(chain.from_iterable(words)))}
        vectors = self._word_vectors(list(rows))
        return _sum_rows(
            lambda ids: vectors[ids],
            self.dimension,
            np.array([rows[word] for word in chain.from_iterable(words)], dtype=np.int32),
            np.fromiter(map(len, words), dtype=np.int64, count=len(words)),
        )

    def _word_vectors(self, words: Sequence[str]) -> FloatArray:
        """Sum the token vectors of each distinct word. The first words seen, mostly frequent ones, are cached."""
        known = self._words
        places = np.array([known.get(word, -1) for word in words], dtype=np.int64)
        fresh = np.flatnonzero(places < 0)
        vectors: FloatArray = self._word_rows[places]
        if len(fresh):
            unknown = [words[row] for row in fresh.tolist()]
            vectors[fresh] = found = self._sum_words(unknown)
            with self._lock:
                for word, vector in zip(unknown, found, strict=True):
                    if len(known) == REMEMBERED:
                        break
                    if word not in known:
                        self._word_rows[len(known)] = vector
                        known[word] = len(known)
        return vectors

    def _sum_words(self, words: Sequence[str]) -> FloatArray:
        pieces = self._atoms.pieces(words)
        heard, offsets = self._sounds.features(words)
        sums = self._sum_tokens(
            np.array(list(chain.from_iterable(pieces)), dtype=np.int32),
            np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces)),
        )
        sums += self._sum_tokens(heard + np.int32(self._pieces), np.diff(offsets))
        return sums

    def _sum_one(self, text: str) -> FloatArray:
        """Sum the token vectors of a single text, such as a query, with one look-up."""
        words = text.split()
        heard, _ = self._sounds.features([text])
        pieces = np.array(list(chain.from_iterable(self._atoms.pieces(words))), dtype=np.int32)
        ids = np.concatenate([pieces, heard + np.int32(self._pieces)])
        summed: FloatArray = self._scales[ids] @ _unpack(self._vectors[ids])
        return summed[None, :]

    def _sum_tokens(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> FloatArray:
        """Sum token vectors, which stay packed and memory-mapped until needed, so that loading is quick."""

        def rows(ids: NDArray[np.int32]) -> FloatArray:
            vectors = _unpack(self._vectors[ids])
            vectors *= self._scales[ids][:, None]
            return vectors

        return _sum_rows(rows, self.dimension, ids, lengths)


def _sum_rows(
    rows: Callable[[NDArray[np.int32]], FloatArray], width: int, ids: NDArray[np.int32], lengths: NDArray[np.int64]
) -> FloatArray:
    """Sum the rows of each group, `width` wide; zeros if a group is empty.

    `ids` contains the groups one after the other, `lengths` their sizes, and `rows` looks ids up.

    The k-th rows of all groups are added at once, longest group first: five times faster than `np.add.reduceat`.
    """
    order = np.argsort(-lengths, kind="stable")
    longest = lengths[order]
    starts = (np.cumsum(lengths) - lengths)[order]
    sums: FloatArray = np.zeros((len(lengths), width), dtype=np.float32)
    for place in range(int(longest[0]) if len(longest) else 0):
        count = int(np.searchsorted(-longest, -place, side="left"))
        sums[:count] += rows(ids[starts[:count] + place])
    unsorted = np.empty_like(sums)
    unsorted[order] = sums
    return unsorted


def _unpack(packed: NDArray[np.uint8]) -> FloatArray:
    """Unpack two numbers per byte to floats: (n, dimension / 2) to (n, dimension)."""
    vectors: FloatArray = _UNPACKED[packed].view(np.float32)
    return vectors


def _fingerprint(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in FILES:
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()
