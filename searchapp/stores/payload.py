"""Define the layout of a passage in a point's payload, the only place that writes and reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from searchapp.datatypes import UNKNOWN_LANGUAGE, Filters, Hit, LanguageSpan, Passage
from searchapp.errors import InputError, shown
from searchapp.text.languages import parse_language

FIELDS = ("document_id", "index", "text", "title", "start", "end", "language", "confidence", "script", "hash", "read")
"""The payload's own fields. A source's metadata is stored under `metadata`, so that names cannot collide."""

MOST_NAME = 200
"""Maximum length of the name of a filter's field."""

_PATH = re.compile(r"[\w-]+(\[\d*\])?(\.[\w-]+(\[\d*\])?)*")
"""A path into nested metadata, such as `author.name` or `tags[]`."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The stored fields of a passage. The context is not stored.

    Attributes:
        document_id: Id of the passage's document.
        index: Index in the document, from 0.
        text: Text of the passage.
        title: Title of the document.
        start: Offset of the passage's first character in the document's text.
        end: Offset after its last character.
        language: BCP 47 primary subtag, or `und`.
        confidence: Confidence of the detection, in [0, 1].
        script: ISO 15924 code of most of its letters.
        content_hash: Digest of what encoder and lexical leg read.
        reading: Digest of what the encoder alone reads; empty in collections of earlier versions.
        metadata: Fields of the source.
    """

    document_id: str = ""
    index: int = 0
    text: str = ""
    title: str = ""
    start: int = 0
    end: int = 0
    language: str = UNKNOWN_LANGUAGE
    confidence: float = 0.0
    script: str = "Zyyy"
    content_hash: str = ""
    reading: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, passage: Passage, *, reading: str = "") -> Payload:
        """Create the payload of a passage.

        Args:
            passage: The passage with its detected language.
            reading: Digest of what the encoder reads of it.
        """
        return cls(
            document_id=passage.document_id,
            index=passage.index,
            text=passage.text,
            title=passage.title,
            start=passage.start,
            end=passage.end,
            language=passage.language,
            confidence=round(passage.confidence, 4),
            script=passage.script,
            content_hash=passage.content_hash,
            reading=reading,
            metadata=passage.metadata,
        )

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Payload:
        """Read a stored payload; missing fields are empty.

        Args:
            stored: The payload as the store returned it.
        """
        return cls(
            document_id=str(stored.get("document_id", "")),
            index=int(stored.get("index", 0)),
            text=str(stored.get("text", "")),
            title=str(stored.get("title", "")),
            start=int(stored.get("start", 0)),
            end=int(stored.get("end", 0)),
            language=language_of(stored),
            confidence=float(stored.get("confidence", 0.0)),
            script=str(stored.get("script", "Zyyy")),
            content_hash=str(stored.get("hash", "")),
            reading=str(stored.get("read", "")),
            metadata=stored.get("metadata") or {},
        )

    def stored(self) -> dict[str, Any]:
        """Return the payload in the form written to a store."""
        return {
            "document_id": self.document_id,
            "index": self.index,
            "text": self.text,
            "title": self.title,
            "start": self.start,
            "end": self.end,
            "language": self.language,
            "confidence": self.confidence,
            "script": self.script,
            "hash": self.content_hash,
            "read": self.reading,
            "metadata": self.metadata if isinstance(self.metadata, dict) else dict(self.metadata),
        }

    def span(self) -> LanguageSpan:
        """Return the passage's text as a query in its own language."""
        return LanguageSpan(
            text=self.text,
            start=0,
            end=len(self.text),
            language=self.language,
            confidence=self.confidence,
            script=self.script,
        )

    def hit(
        self,
        id: str,  # noqa: A002
        *,
        rank: int,
        score: float,
        scores: Mapping[str, float],
        also_in: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Hit:
        """Create the hit that shows this passage.

        Args:
            id: Point id.
            rank: Rank in the result, from 1.
            score: Sort key of the ranking.
            scores: Parts of the score by stage.
            also_in: Language -> ids of the passages that this one stands for.
        """
        return Hit(
            id=id,
            document_id=self.document_id,
            rank=rank,
            score=score,
            text=self.text,
            title=self.title,
            language=self.language,
            start=self.start,
            end=self.end,
            scores=dict(scores),
            payload=dict(self.metadata),
            also_in=dict(also_in or {}),
        )


def language_of(stored: Mapping[str, Any] | None) -> str:
    """Read the language of a stored payload; `und` if it has none.

    Args:
        stored: The payload as the store returned it, or a part of it.
    """
    return str((stored or {}).get("language", UNKNOWN_LANGUAGE))


def to_store_filters(filters: Filters | None, languages: Sequence[str] | None) -> dict[str, Any] | None:
    """Convert filters to stored fields: `topic` becomes `metadata.topic`, and `languages` becomes a filter.

    Args:
        filters: Conditions by field name as the caller writes it, or None.
        languages: Codes or names of the languages to search; None for all.

    Raises:
        InputError: `filters` does not map names to values, `languages` is not a list of codes, or both restrict the language.
    """
    if filters is not None and not isinstance(filters, Mapping):
        raise InputError(f"filters must map fields to values, got {type(filters).__name__}")
    named = {_stored_name(key): value for key, value in (filters or {}).items()}
    if languages is not None:
        if "language" in named:
            raise InputError("both languages and filters['language'] are given; use one of them")
        named["language"] = _codes(languages)
    elif isinstance(asked := named.get("language"), str):
        named["language"] = parse_language(asked)
    elif isinstance(asked, (list, tuple)):
        named["language"] = _codes(asked)
    return named or None


def _stored_name(key: object) -> str:
    """Return the stored name of a field; names that a path cannot contain, such as `publish date`, are quoted."""
    if not is_field_name(key):
        raise InputError(
            f"a filter's field is {shown(key)}, expected the name of a metadata field: up to {MOST_NAME} printable "
            "characters, no quotation marks and no backslashes"
        )
    return key if key in FIELDS else metadata_path(key.removeprefix("metadata."))


def is_field_name(name: object) -> TypeGuard[str]:
    """Return whether the engines can address a metadata field of this name.

    Args:
        name: Name of the field; anything but text is none.
    """
    if not isinstance(name, str) or not name.strip() or len(name) > MOST_NAME:
        return False
    return name.isprintable() and not set(name) & {'"', "\\"}


def metadata_path(name: str) -> str:
    """Return the stored name of a metadata field, quoted if it contains what a path cannot, such as a space.

    Args:
        name: Name of the field in the source, without quotation marks.
    """
    return f"metadata.{name}" if _PATH.fullmatch(name) else f'metadata."{name}"'


def metadata_name(path: str) -> str:
    """Return the name of a metadata field in its source.

    Args:
        path: Its stored name, as made by `metadata_path`.
    """
    return path.removeprefix("metadata.").strip('"')


def _codes(languages: object) -> list[str]:
    if not isinstance(languages, (list, tuple, set, frozenset)) or not all(isinstance(code, str) for code in languages):
        raise InputError(f"languages must be a list of codes such as ['de', 'fr'], got {shown(languages)}")
    if not languages:
        raise InputError("languages is empty: name at least one, or leave it out for all of them")
    return list(dict.fromkeys(parse_language(code) for code in languages))
