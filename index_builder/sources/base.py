"""What a source is, and how one row becomes a document or a reject."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from index_builder.rejects import Reject
from searchapp.datatypes import Document
from searchapp.errors import InputError
from searchapp.text.languages import canonical
from searchapp.text.normalise import REPLACEMENT, normalize

MAX_CHARACTERS = 5_000_000
"""Longest text of one document; what is longer is a broken file more often than a book."""


MAX_DEPTH = 32
"""Deepest nesting of metadata; what lies deeper is kept as text, because engines refuse or crash on it."""


@runtime_checkable
class Source(Protocol):
    """A stream of documents in a fixed order; constant memory; may be iterated more than once."""

    @property
    def path(self) -> str:
        """The file, folder or dataset, for messages."""
        ...

    def digest(self) -> str:
        """Hash of the content: equal digests give equal items."""
        ...

    def fraction(self, items: int) -> float | None:
        """How much of the source its first `items` items are, in [0, 1]; None when it cannot tell."""
        ...

    def __iter__(self) -> Iterator[Document | Reject]: ...


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the fields to read; None for a field that is optional and found by its usual names."""

    text: str | None = None
    id: str | None = None
    language: str | None = None
    title: str | None = None

    def find(self, fields: Sequence[str], *, path: str) -> Columns:
        """Settle on names that these fields have.

        Raises:
            InputError: A named field, or any text field, is missing; the message lists what there is.
        """
        for flag, name in (("text", self.text), ("id", self.id), ("language", self.language), ("title", self.title)):
            if name is not None and name not in fields:
                raise InputError(
                    f"no field {name!r} (--{flag}-field); the first row has {', '.join(map(repr, fields))}", path=path
                )
        text = self.text or _first(fields, TEXT)
        if text is None:
            raise InputError(
                f"no text field: the first row has {', '.join(map(repr, fields)) or 'no fields'}; expected one of "
                f"{', '.join(TEXT)}, or name it with --text-field",
                path=path,
            )
        return Columns(
            text=text,
            id=self.id or _first(fields, ID),
            language=self.language or _first(fields, LANGUAGE),
            title=self.title or _first(fields, TITLE),
        )


TEXT = ("text", "passage", "content", "body", "contents")
ID = ("id", "_id", "pid", "docid", "doc_id")
LANGUAGE = ("language", "lang")
TITLE = ("title",)


def _first(fields: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in fields), None)


@dataclass(slots=True)
class RowReader:
    """Turns rows (mappings) into documents, and refuses bad ones and repeated ids with the line of each."""

    path: str
    columns: Columns
    _lines: dict[bytes, int] = field(default_factory=dict)

    def read(self, row: object, line: int) -> Document | Reject:
        """Check one row.

        Args:
            row: What the format's parser gave.
            line: 1-based.
        """
        if not isinstance(row, Mapping):
            return self.reject(line, f"{type(row).__name__}, expected an object with fields", "not an object", row)
        text_field = self.columns.text or "text"
        if text_field not in row:
            there = ", ".join(map(repr, row)) or "none"
            return self.reject(line, f"no field {text_field!r}; the row has {there}", "missing field", row)
        value = row[text_field]
        if not isinstance(value, str):
            return self.reject(line, f"{text_field!r} is {type(value).__name__}, expected text", "wrong type", row)
        text = normalize(value)
        if not text.strip(f" \n\t{REPLACEMENT}"):
            return self.reject(line, f"{text_field!r} is empty", "empty text", row)
        if len(text) > MAX_CHARACTERS:
            return self.reject(
                line, f"{text_field!r} has {len(text):,} characters, at most {MAX_CHARACTERS:,}", "too long", row
            )
        return self._document(row, text, line)

    def accept(self, document: Document, line: int) -> Document | Reject:
        """Refuse a document whose id was seen before."""
        key = hashlib.blake2b(document.id.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        first = self._lines.setdefault(key, line)
        if first != line:
            return self.reject(
                line, f"id {document.id!r} was used before, in line {first}", "duplicate id", document.id
            )
        return document

    def reject(self, line: int, reason: str, kind: str, raw: object) -> Reject:
        """A reject of this file; never longer than what is kept of it."""
        return Reject(path=self.path, line=line, reason=reason, kind=kind, raw=normalize(str(raw)[:1000]))

    def _document(self, row: Mapping[str, Any], text: str, line: int) -> Document | Reject:
        columns = self.columns
        identity = row.get(columns.id) if columns.id else None
        if identity is not None and not isinstance(identity, (str, int)):
            return self.reject(line, f"{columns.id!r} is {type(identity).__name__}, expected text", "wrong type", row)
        if identity in (None, ""):
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
            identity = f"{line}-{digest}"
        language = row.get(columns.language) if columns.language else None
        title = row.get(columns.title) if columns.title else None
        used = (columns.text, columns.id, columns.language, columns.title)
        return self.accept(
            Document(
                id=normalize(str(identity)),
                text=text,
                title=normalize(title) if isinstance(title, str) else "",
                language=canonical(language) if isinstance(language, str) and language.strip() else None,
                metadata=_clean({key: value for key, value in row.items() if key not in used}),
            ),
            line,
        )


def _clean(value: Any, *, depth: int = 0) -> Any:
    """Metadata as any engine can hold it: text and names normalised, other types and numbers too large as text."""
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {normalize(str(key)): _clean(item, depth=depth + 1) for key, item in value.items()}
    if depth < MAX_DEPTH and isinstance(value, (list, tuple)):
        return [_clean(item, depth=depth + 1) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    return normalize(str(value))


def file_digest(paths: Sequence[Path]) -> str:
    """Hash of the names and the content of files."""
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        digest.update(path.name.encode("utf-8", "surrogateescape") + b"\x00")
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


class RowSource:
    """Common part of the sources whose rows have fields: subclasses give the rows.

    Args:
        file: The file.
        columns: Field names asked for; settled on with the first good row.
    """

    def __init__(self, file: Path, columns: Columns) -> None:
        self.file = file
        self.columns = columns
        self._read = (0, 0.0)

    @property
    def path(self) -> str:
        """The file."""
        return str(self.file)

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """1-based line, row (a mapping, a Reject or something else that is wrong), share of the file read so far."""
        raise NotImplementedError

    def digest(self) -> str:
        """Hash of the file."""
        return file_digest([self.file])

    def fraction(self, items: int) -> float | None:
        """From where the reading is: it is at most a few batches ahead of what is finished."""
        read, share = self._read
        return min(1.0, share * items / read) if read else None

    def __iter__(self) -> Iterator[Document | Reject]:
        reader: RowReader | None = None
        for count, (line, row, share) in enumerate(self.rows(), start=1):
            self._read = (count, min(1.0, share))
            if isinstance(row, Reject):
                yield row
                continue
            if reader is None and isinstance(row, Mapping):
                reader = RowReader(self.path, self.columns.find([str(key) for key in row], path=self.path))
            yield (reader or RowReader(self.path, self.columns)).read(row, line)
