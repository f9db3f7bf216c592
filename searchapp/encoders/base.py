"""What an encoder is, for everything that uses one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from searchapp.datatypes import FloatArray


class Encoder(Protocol):
    """Text to unit vectors; thread-safe; the same text gives the same vector in the same process.

    Attributes:
        name: What the user asked for: `builtin`, a Hub name or a path.
        dimension: Length of an embedding.
        fingerprint: Hash of weights, tokenizer and prompts; equal fingerprints give interchangeable vectors.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries: (n, dimension) float32, unit length."""
        ...

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages, each with its surrounding text when given: (n, dimension) float32, unit length.

        Args:
            texts: The passages.
            contexts: One per passage, empty where there is none; how it enters the embedding is the encoder's own.
        """
        ...

    def close(self) -> None:
        """Release what the encoder holds; encoding afterwards is an error."""
        ...


@runtime_checkable
class Reads(Protocol):
    """An encoder that tells what it reads of a passage, so that nothing is encoded again that reads the same."""

    def reads(self, text: str, context: str) -> str:
        """Return what the embedding depends on: equal readings, equal embeddings.

        Args:
            text: The passage.
            context: Its surrounding text, or empty.
        """
        ...


def reading(encoder: Encoder, text: str, context: str) -> str:
    """Return what an encoder's embedding of a passage depends on; all of it where the encoder does not tell.

    Args:
        encoder: Any encoder.
        text: The passage.
        context: Its surrounding text, or empty.
    """
    return encoder.reads(text, context) if isinstance(encoder, Reads) else f"{context}\0{text}"
