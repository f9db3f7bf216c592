"""Define documents, the passages that they are cut into, and term weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from searchapp.datatypes.languages import UNKNOWN_LANGUAGE

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Document:
    """An item of a source before it is cut into passages.

    Attributes:
        id: Id, unique within the source.
        text: The whole text. Offsets of passages count its characters (Unicode code points).
        title: Title, shown with the hits and encoded as context.
        language: BCP 47 primary subtag from the source; None to detect the language of each passage.
        boundaries: Passage spans `(start, end)` given by the source (XQuAD-R's sentences); None to cut the text.
        metadata: Other fields, kept in the payload and usable in filters.
    """

    id: str
    text: str
    title: str = ""
    language: str | None = None
    boundaries: tuple[tuple[int, int], ...] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term weights: distinct indices in [0, 2³²) and their values, in the same order."""

    indices: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.indices)


@cache
def _namespace() -> UUID:
    from uuid import UUID

    return UUID("6d7b1c7e-9a55-5f0e-8b1b-2f6f0c6a9d11")


def passage_id(document_id: str, index: int) -> str:
    """Compute the point id of a passage (uuid5): the same passage has the same id in every build.

    Args:
        document_id: Id of its document.
        index: Its index in the document, from 0.
    """
    from uuid import uuid5  # with hashlib a tenth of the package's import; a search needs neither

    return str(uuid5(_namespace(), f"{document_id}\x00{index}"))


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of text that is embedded and returned.

    Attributes:
        document_id: Id of its document.
        index: Index in the document, from 0.
        text: Text that is shown and encoded.
        start: Offset of the first character in the document's text.
        end: Offset after the last character.
        context: Surrounding text, encoded at a lower weight (as in LAReQA); may be empty.
        language: BCP 47 primary subtag, or `und`.
        confidence: Confidence of the detection in [0, 1]; 1.0 if the source gives the language.
        script: ISO 15924 code of most of its letters (`Latn`, `Arab`, …; `Zyyy` without letters).
    """

    document_id: str
    index: int
    text: str
    start: int
    end: int
    title: str = ""
    context: str = ""
    language: str = UNKNOWN_LANGUAGE
    confidence: float = 0.0
    script: str = "Zyyy"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Point id, computed from document id and passage index (uuid5), so that rebuilds are idempotent."""
        return passage_id(self.document_id, self.index)

    @property
    def content_hash(self) -> str:
        """Digest of what encoder and lexical leg read: the same hash and fingerprint give the same vectors."""
        from hashlib import blake2b

        parts = "\x00".join((self.text, self.title, self.context, self.language))
        return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
