"""Define the protocol of encoders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from searchapp.datatypes import FloatArray


class Encoder(Protocol):
    """Turns texts into unit vectors. Thread-safe; the same text gives the same vector within a process.

    Attributes:
        name: Name by which it was loaded: `builtin`, a Hub name or a path.
        dimension: Length of an embedding.
        fingerprint: Hash of weights, tokenizer and prompts. Equal fingerprints mean interchangeable vectors.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str: ...

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries: (n, dimension) float32, unit length.

        Args:
            texts: Queries; they may be in different languages.
        """
        ...

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages, each with its surrounding text if given: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the passages.
            contexts: Context of each passage, or an empty string. Each encoder defines its effect on the embedding.
        """
        ...

    def close(self) -> None:
        """Release resources. Encoding afterwards is an error."""
        ...


@runtime_checkable
class Reads(Protocol):
    """An encoder that declares what its embeddings depend on, so that equal inputs are not encoded again."""

    def reads(self, text: str, context: str) -> str:
        """Return what the embedding of a passage depends on; equal values mean equal embeddings.

        Args:
            text: Text of the passage.
            context: Its surrounding text, or an empty string.
        """
        ...


def reading(encoder: Encoder, text: str, context: str) -> str:
    """Return what an encoder's embedding of a passage depends on; text and context if the encoder does not declare it.

    Args:
        encoder: Any encoder.
        text: Text of the passage.
        context: Its surrounding text, or an empty string.
    """
    return encoder.reads(text, context) if isinstance(encoder, Reads) else f"{context}\0{text}"
