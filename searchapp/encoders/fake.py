"""Provide an encoder for tests and examples: NumPy only, no weights, and similar texts get similar vectors."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.encoders.calibration import Calibration
from searchapp.errors import EncoderError
from searchapp.statistics.vectors import unit

CONTEXT_WEIGHT = 0.25


class HashingEncoder:
    """Embeds a text as a signed bag of its hashed character n-grams (the hashing trick of Weinberger et al., 2009).

    Texts that share character sequences are near each other: a copy finds its copy, and a question finds the passage
    that repeats its words. Translations are not near each other. Deterministic across machines and processes. Thread-safe.
    """

    def __init__(self, dimension: int = 256, *, sizes: Sequence[int] = (2, 3, 4)) -> None:
        if dimension < 1 or not sizes or min(sizes) < 1:
            raise EncoderError(f"dimension {dimension}, n-gram sizes {list(sizes)}: expected positive numbers")
        self._dimension = dimension
        self._sizes = tuple(sizes)
        self._closed = False

    @property
    def name(self) -> str:
        """Return `fake`."""
        return "fake"

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """Return the settings, as there are no weights to hash."""
        return f"hashing-{self._dimension}-{'.'.join(map(str, self._sizes))}"

    @property
    def calibration(self) -> Calibration:
        """Return the static encoder's calibration, as both are bags of features."""
        return Calibration()

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the queries.

        Raises:
            EncoderError: The encoder is closed.
        """
        if self._closed:
            raise EncoderError("the encoder 'fake' is closed: load it again")
        embeddings = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            slots = self._slots(text)
            # The lowest bit is the sign, so that collisions cancel on average instead of adding up.
            np.add.at(embeddings[row], (slots >> 1) % self._dimension, np.where(slots & 1, 1.0, -1.0))
        return unit(embeddings)

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages; a context has a quarter of the weight: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the passages.
            contexts: Context of each passage, or an empty string; None for no contexts.

        Raises:
            EncoderError: The encoder is closed.
        """
        embeddings = self.encode_queries(texts)
        if contexts is None or not any(contexts):
            return embeddings
        known = np.array([bool(context) for context in contexts], dtype=np.float32)
        around = self.encode_queries(contexts) * known[:, None]
        return unit(embeddings + CONTEXT_WEIGHT * around)

    def close(self) -> None:
        """Reject further encoding."""
        self._closed = True

    def _slots(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        # Marked ends give even an empty text n-grams and hence unit length.
        marked = f"\x02{unicodedata.normalize('NFKC', text).casefold()}\x03\x03\x03"
        data = [
            zlib.crc32(marked[start : start + size].encode("utf-8", "surrogatepass"))
            for size in self._sizes
            for start in range(max(1, len(marked) - size + 1))
        ]
        return np.array(data, dtype=np.int64)
