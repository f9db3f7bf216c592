"""Find the fields that contain a row's text, id, language and title."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

TEXT = ("text", "passage", "content", "body", "contents")
ID = ("id", "_id", "pid", "docid", "doc_id")
LANGUAGE = ("language", "lang")
TITLE = ("title",)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the fields to read; for None, common names are tried in each row.

    Args:
        text: Field of the text.
        id: Field of the document's id.
        language: Field of the language.
        title: Field of the title.
    """

    text: str | None = None
    id: str | None = None
    language: str | None = None
    title: str | None = None

    def of(self, row: Mapping[str, Any]) -> Columns:
        """Return the field names of one row; None for a field that it lacks.

        Args:
            row: Fields of the row.
        """
        return Columns(
            text=self.text or _first(row, TEXT),
            id=_there(row, self.id) if self.id else _first(row, ID),
            language=_there(row, self.language) if self.language else _first(row, LANGUAGE),
            title=_there(row, self.title) if self.title else _first(row, TITLE),
        )

    def problem(self, names: Collection[str], *, rows: int) -> str | None:
        """Describe which field is missing from all rows; None if none is.

        Args:
            names: All field names of the first rows.
            rows: Number of these rows.
        """
        shown = ", ".join(repr(name[:80]) for name in list(names)[:50]) or "no fields"
        there = f"the first row has {shown}" if rows == 1 else f"the first {rows} rows have {shown}"
        for flag in fields(self):
            name = getattr(self, flag.name)
            if name is not None and name not in names:
                return f"no field {name!r} (--{flag.name}-field); {there}"
        if self.text is None and not any(name in names for name in TEXT):
            return f"no text field: {there}; expected one of {', '.join(TEXT)}, or name it with --text-field"
        return None


def _first(row: Mapping[str, Any], names: Collection[str]) -> str | None:
    return next((name for name in names if name in row), None)


def _there(row: Mapping[str, Any], name: str) -> str | None:
    return name if name in row else None
