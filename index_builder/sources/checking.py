"""Documents as readers and programs make them: checked and cleaned before they are cut, or refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isfinite
from typing import Any

import regex

from index_builder.sources.metadata import MAX_COPIES, MAX_METADATA, BadDocumentError, Metadata, clean
from searchapp.datatypes import Document
from searchapp.text.languages import LONGEST_CODE
from searchapp.text.normalise import normalize

MAX_CHARACTERS = 5_000_000
"""Longest text of one document; what is longer is a broken file more often than a book."""

MAX_TITLE = 1000
"""Characters of the longest title: it is kept with every passage of its document."""

MAX_ID = 1000
"""Characters of the longest id."""

PASSAGE_CHARACTERS = 400
"""Characters of a passage, about: how many copies of the metadata a text will need."""

_VISIBLE = regex.compile(r"[^\s\p{Z}\p{C}\ufffd]")
_FIELDS = (
    ("id", str, "text"),
    ("text", str, "text"),
    ("title", str, "text"),
    ("language", (str, type(None)), "a code, or None to detect it"),
    ("boundaries", (tuple, list, type(None)), "pairs of offsets, or None"),
    ("metadata", Mapping, "names with values"),
)

Span = tuple[int, int]


def is_visible(text: str) -> bool:
    """Return whether a text contains anything but spaces and invisible characters.

    Args:
        text: Text to examine; may be empty.
    """
    return _VISIBLE.search(text) is not None


def check_text(text: str, title: str, *, field: str = "text") -> None:
    """Refuse an empty text, and a text or a title that is too long.

    Args:
        text: Text of the document.
        title: Title of the document; may be empty.
        field: Name of the text in the message.

    Raises:
        BadDocumentError: One of them cannot be indexed.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadDocumentError(f"{field!r} has {len(text):,} characters, at most {MAX_CHARACTERS:,}", "too long")
    if not is_visible(text):
        raise BadDocumentError(f"{field!r} is empty: nothing but spaces and invisible characters", "empty text")
    if len(title) > MAX_TITLE:
        raise BadDocumentError(f"the title has {len(title):,} characters, at most {MAX_TITLE:,}", "too long")


def check_id(identity: str) -> None:
    """Refuse an id that is too long.

    Args:
        identity: Id of the document.

    Raises:
        BadDocumentError: The id is too long.
    """
    if len(identity) > MAX_ID:
        raise BadDocumentError(f"the id has {len(identity):,} characters, at most {MAX_ID:,}", "too long")


def check_code(code: str, *, field: str = "language") -> None:
    """Refuse what is too long for the code or the name of a language.

    Args:
        code: What stands for the language.
        field: Its name in the message.

    Raises:
        BadDocumentError: It is too long.
    """
    if len(code) > LONGEST_CODE:
        reason = f"{field!r} has {len(code):,} characters, expected the code of a language"
        raise BadDocumentError(reason, "too long")


def check_number(value: object, *, field: str) -> None:
    """Refuse NaN and infinity where a number may stand for a text.

    Args:
        value: The field's value.
        field: Its name in the message.

    Raises:
        BadDocumentError: It is such a number.
    """
    if isinstance(value, float) and not isfinite(value):
        raise BadDocumentError(
            f"{field!r} is {value}, expected text; leave it out or write null", "number out of range"
        )


def cleaned_metadata(fields: Mapping[Any, Any], *, characters: int) -> Metadata:
    """Clean metadata and refuse more of it than the passages of the text should hold together, and unstorable numbers.

    Args:
        fields: Metadata of the document, by name.
        characters: Length of the document's text in characters.

    Raises:
        BadDocumentError: There is too much metadata, or a number is one that no engine stores.
    """
    metadata = clean(fields)
    if metadata.size * (characters // PASSAGE_CHARACTERS) > MAX_COPIES:
        most = min(MAX_METADATA, MAX_COPIES * PASSAGE_CHARACTERS // characters)
        raise BadDocumentError(
            f"{metadata.size:,} characters of metadata, which each passage of a text of {characters:,} characters would "
            f"hold; at most {most:,}",
            "metadata too large",
        )
    return metadata


def checked(document: Document) -> Document:
    """Check the types and sizes of a document's fields, and normalise them.

    Args:
        document: From a reader or a program; nothing is known of what its fields hold.

    Returns:
        The document with normalised text, whose boundaries follow, and with metadata that any engine can hold.

    Raises:
        BadDocumentError: It cannot be indexed.
    """
    for name, kinds, expected in _FIELDS:
        value = getattr(document, name)
        if not isinstance(value, kinds):
            raise BadDocumentError(f"{name!r} is {type(value).__name__}, expected {expected}", "wrong type")
    check_id(document.id)
    check_code(document.language or "")
    if len(document.text) > 2 * MAX_CHARACTERS or len(document.title) > 2 * MAX_CHARACTERS:
        check_text(document.text[: MAX_CHARACTERS + 1], document.title)  # normalising may shorten, but not so much
    text, boundaries = _normalized(document.text, document.boundaries)
    identity, title = normalize(document.id), normalize(document.title)
    check_text(text, title)
    if not identity:
        raise BadDocumentError("the id is empty", "missing field")
    return replace(
        document,
        id=identity,
        text=text,
        title=title,
        boundaries=boundaries,
        metadata=cleaned_metadata(document.metadata, characters=len(text)).values,
    )


def _normalized(text: str, boundaries: Sequence[Span] | None) -> tuple[str, tuple[Span, ...] | None]:
    """Normalise a text; its boundaries move with it: the pieces between them are normalised one by one."""
    if boundaries is None:
        return normalize(text), None
    for span in boundaries:
        if not _is_span(span, len(text)):
            raise BadDocumentError(
                f"boundary {span!r:.60}, expected (start, end) with 0 <= start < end <= {len(text):,}", "bad boundaries"
            )
    spans = tuple((start, end) for start, end in boundaries)
    if normalize(text) == text:
        return text, spans
    edges = sorted({0, len(text), *(edge for span in spans for edge in span)})
    pieces = [normalize(text[start:end]) for start, end in pairwise(edges)]
    moved, done = {0: 0}, 0
    for edge, piece in zip(edges[1:], pieces, strict=True):
        done += len(piece)
        moved[edge] = done
    return "".join(pieces), tuple((moved[start], moved[end]) for start, end in spans)


def _is_span(span: object, length: int) -> bool:
    if not isinstance(span, (tuple, list)) or len(span) != 2 or not all(type(edge) is int for edge in span):
        return False
    return 0 <= int(span[0]) < int(span[1]) <= length
