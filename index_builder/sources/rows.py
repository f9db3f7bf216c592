"""Turn a row into a document, or into a reject with the reason."""

from __future__ import annotations

import hashlib
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from index_builder.rejects import Reject
from index_builder.sources.checking import (
    MAX_CHARACTERS,
    check_code,
    check_id,
    check_number,
    check_text,
    checked,
    cleaned_metadata,
    is_visible,
)
from index_builder.sources.columns import Columns
from index_builder.sources.metadata import BadDocumentError
from searchapp.datatypes import UNKNOWN_LANGUAGE, Document
from searchapp.files.json_lines import BadRow
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize

_short = reprlib.Repr()
_short.maxlevel, _short.maxdict, _short.maxlist, _short.maxstring, _short.maxother = 4, 20, 20, 300, 300


@dataclass(slots=True)
class SeenIds:
    """The ids of a source so far, with the place of their first use."""

    _files: list[str] = field(default_factory=list)
    _lines: dict[bytes, tuple[int, int]] = field(default_factory=dict)

    def first_use(self, identity: str, *, path: str, line: int) -> str | None:
        """Record an id; return the place where it was used before, or None.

        Args:
            identity: Id of a document.
            path: File of the document, for messages.
            line: Line in the file; 0 for the file as a whole.
        """
        if not self._files or self._files[-1] != path:
            self._files.append(path)
        key = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=12).digest()
        here = (len(self._files) - 1, line)
        file, first = self._lines.setdefault(key, here)
        if (file, first) == here:
            return None
        place = f"line {first}" if first else "the file as a whole"
        return f"in {place}" if self._files[file] == path else f"in {self._files[file]}, {place}"


class RowReader:
    """Turns rows (mappings) into documents, and rejects bad ones and repeated ids with the line of each.

    Args:
        path: The file, for messages.
        columns: Names of the fields.
        place: Prefix of the ids; may be empty.
        language: Language of rows without one; None to detect it.
        seen: Ids of the files read before.
    """

    def __init__(
        self,
        path: str,
        columns: Columns | None = None,
        *,
        place: str = "",
        language: str | None = None,
        seen: SeenIds | None = None,
    ) -> None:
        self.path = path
        self._columns = columns or Columns()
        self._place, self._language = place, language
        self._seen = SeenIds() if seen is None else seen

    def read(self, row: object, line: int) -> Document | Reject:
        """Check one row.

        Args:
            row: A value from the format's parser.
            line: 1-based line number.
        """
        if isinstance(row, BadRow):
            return self.reject(line, row.reason, row.kind, row.raw)
        if not isinstance(row, Mapping):
            return self.reject(line, f"{type(row).__name__}, expected an object with fields", "not an object", row)
        columns = self._columns.of(row)
        if columns.text is None or columns.text not in row:
            there = ", ".join(repr(str(name)[:80]) for name in list(row)[:50]) or "none"
            return self.reject(line, f"no field {columns.text or 'text'!r}; the row has {there}", "missing field", row)
        value, title = row[columns.text], _title(row, columns)
        if value is None and title:
            value = ""
        if not isinstance(value, str):
            reason = f"{columns.text!r} is {type(value).__name__}, expected text"
            return self.reject(line, reason, "wrong type", row)
        text = normalize(value) if len(value) <= 2 * MAX_CHARACTERS else value
        if not is_visible(text):
            text = title  # a row with only a title is found by it, as in evaluation
        return self._checked(row, columns, text=text, title=title, line=line)

    def document(self, document: Document, line: int) -> Document | Reject:
        """Check and clean a document created by a reader or a program.

        Args:
            document: Document of this file.
            line: 1-based line number; 0 for the file as a whole.
        """
        try:
            return self.accept(checked(document), line)
        except BadDocumentError as error:
            return self.reject(line, str(error), error.kind, document.id)

    def accept(self, document: Document, line: int) -> Document | Reject:
        """Reject a document whose id was used before.

        Args:
            document: Document of this file.
            line: 1-based line number; 0 for the file as a whole.
        """
        if before := self._seen.first_use(document.id, path=self.path, line=line):
            return self.reject(line, f"id {document.id!r} was used before, {before}", "duplicate id", document.id)
        return document

    def reject(self, line: int, reason: str, kind: str, raw: object = "") -> Reject:
        """Create a reject of this file, with the row truncated.

        Args:
            line: 1-based line number; 0 for the file as a whole.
            reason: What was found and what was expected.
            kind: A short fixed description.
            raw: The row as it was read; only its beginning is kept.
        """
        text = raw[:1000] if isinstance(raw, str) else _short.repr(raw)[:1000]
        return Reject(path=self.path, line=line, reason=normalize(reason[:2000]), kind=kind, raw=normalize(text))

    def _checked(
        self, row: Mapping[str, Any], columns: Columns, *, text: str, title: str, line: int
    ) -> Document | Reject:
        try:
            check_text(text, title, field=columns.text or "text")
            check_number(row.get(columns.title) if columns.title else None, field=columns.title or "title")
            identity = self._identity(row, columns, text=text, line=line)
            given = row.get(columns.language) if columns.language else None
            if isinstance(given, str):
                check_code(given, field=columns.language or "language")
            language, used = _language(given)
            taken = {columns.text, columns.id, columns.title, columns.language if used else None}
            rest = {key: value for key, value in row.items() if key not in taken}
            metadata = cleaned_metadata(rest, characters=len(text))
        except BadDocumentError as error:
            return self.reject(line, str(error), error.kind, row)
        document = Document(
            id=self._place + ("#" if self._place else "") + identity,
            text=text,
            title=title,
            language=language or self._language,
            metadata=metadata.values,
        )
        return self.accept(document, line)

    def _identity(self, row: Mapping[str, Any], columns: Columns, *, text: str, line: int) -> str:
        """Read the id, or make one of the line and the text."""
        identity = row.get(columns.id) if columns.id else None
        if identity is not None and not isinstance(identity, (str, int)):
            raise BadDocumentError(f"{columns.id!r} is {type(identity).__name__}, expected text", "wrong type")
        if identity in (None, ""):
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
            return f"{line}-{digest}"
        written = str(identity)
        check_id(written)
        return normalize(written)


def _title(row: Mapping[str, Any], columns: Columns) -> str:
    title = row.get(columns.title) if columns.title else None
    if isinstance(title, (int, float)) and not isinstance(title, bool):
        return str(title)
    return normalize(title).strip() if isinstance(title, str) and len(title) <= 2 * MAX_CHARACTERS else ""


def _language(given: object) -> tuple[str | None, bool]:
    """Read a language field: its code, or None to detect it; and whether its value need not be kept as metadata."""
    if not isinstance(given, str):
        return None, given is None
    code = canonical(normalize(given))
    if code != UNKNOWN_LANGUAGE:
        return code, True
    return None, not given.strip() or given.strip().casefold() in ("und", "null", "none", "unknown")
