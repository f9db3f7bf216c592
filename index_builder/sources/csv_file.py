"""CSV and TSV with a header row, plain or compressed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import cast

from index_builder.rejects import Reject
from index_builder.sources.base import RowReader, RowSource
from index_builder.sources.opening import DAMAGED, MAX_LINE, open_bytes
from searchapp.errors import InputError

_EXTRA = "\x00extra"


class CsvSource(RowSource):
    """Rows by header; the delimiter is a tab for `.tsv`, else what the header uses most of `,`, `;` and tab."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Line number, row (or reject) and how much of the file was read."""
        size = max(1, self.file.stat().st_size) if self.file.exists() else 1
        csv.field_size_limit(MAX_LINE)
        with open_bytes(self.file) as (file, raw):
            text = io.TextIOWrapper(
                cast("io.BufferedReader", file), encoding="utf-8-sig", errors="surrogateescape", newline=""
            )
            header = text.readline()
            if not header.strip():
                raise InputError("an empty first line; expected a header with the columns' names", path=self.path)
            delimiter = "\t" if ".tsv" in self.file.name else max(",;\t", key=header.count)
            names = next(csv.reader([header], delimiter=delimiter))
            reader = csv.DictReader(text, fieldnames=names, delimiter=delimiter, restkey=_EXTRA)
            rows = iter(reader)
            while True:
                try:
                    row = next(rows, None)
                except (csv.Error, *DAMAGED) as error:
                    line = reader.line_num + 1
                    yield line, self._bad(line, f"not readable as CSV: {error}", "malformed CSV", ""), raw.tell() / size
                    if isinstance(error, csv.Error):
                        continue
                    return
                if row is None:
                    return
                yield reader.line_num + 1, self._checked(row, names, reader.line_num + 1), raw.tell() / size

    def _checked(self, row: dict[str, object], names: list[str], line: int) -> object:
        if _EXTRA in row or None in row.values():
            extra = row.get(_EXTRA)
            found = len(names) + (len(extra) if isinstance(extra, list) else 0) - list(row.values()).count(None)
            return self._bad(line, f"{found} fields, the header has {len(names)}", "wrong number of fields", row)
        for name, value in row.items():
            if isinstance(value, str) and any("\udc80" <= character <= "\udcff" for character in value):
                return self._bad(line, f"{name!r} holds bytes that are not UTF-8", "invalid UTF-8", row)
        return row

    def _bad(self, line: int, reason: str, kind: str, raw: object) -> Reject:
        return RowReader(self.path, self.columns).reject(line, reason, kind, raw)
