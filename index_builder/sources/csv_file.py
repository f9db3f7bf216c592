"""Read CSV and TSV files with a header row, plain or compressed, in any encoding."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from index_builder.sources.base import RowSource
from index_builder.sources.csv_records import CsvRecords
from searchapp.errors import InputError, UnreadableFileError
from searchapp.files.encodings import TextFile, open_text
from searchapp.files.json_lines import BadRow
from searchapp.files.opening import text_stream

DELIMITERS = ",;\t|"

MAX_COLUMNS = 10_000

_SURROGATES = regex.compile("[\ud800-\udfff]")


class CsvSource(RowSource):
    """Reads rows by header. The delimiter is a tab for `.tsv`, else the most frequent of `,`, `;`, tab and `|` in the header.

    An unclosed quote costs only its own line, not the rows after it. In tab-separated files a quote is an ordinary
    character.
    """

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the rows.

        Yields:
            The 1-based line on which a row begins, the row by column name or a BadRow, and the share of the file read.
        """
        with open_text(self.file, encoding=self.options.encoding) as text:
            line = 0
            try:
                records = CsvRecords(text_stream(text.file, encoding="utf-8"), self._delimiter(text))
                names = self._names(next(records, (0, []))[1])
                for line, fields in records:
                    yield line, _row(fields, names, encoding=text.encoding), text.file.share
            except UnreadableFileError as error:
                yield line + 1, BadRow(error.reason, error.kind), text.file.share

    def _delimiter(self, text: TextFile) -> str:
        if ".tsv" in self.file.name.lower():
            return "\t"
        header = text.file.stream.peek(1 << 16).lstrip(b"\r\n").partition(b"\n")[0].decode("utf-8", "replace")
        outside = "".join(header.split('"')[::2])
        return max(DELIMITERS, key=outside.count)

    def _names(self, header: list[str] | BadRow) -> list[str]:
        if isinstance(header, BadRow):
            raise InputError(f"the header cannot be read: {header.reason}", path=self.path, line=1)
        names = [" ".join(name.split()) for name in header]
        if not any(names):
            raise InputError("an empty file; expected a header with the columns' names", path=self.path)
        if len(names) > MAX_COLUMNS:
            raise InputError(f"{len(names):,} columns, at most {MAX_COLUMNS:,}", path=self.path)
        if any(map(_SURROGATES.search, names)):
            raise InputError("the header's bytes are not UTF-8; name the encoding with --encoding", path=self.path)
        if repeated := sorted({name[:80] for name in names if name and names.count(name) > 1}):
            raise InputError(f"the header names {', '.join(repeated)} more than once; rename one", path=self.path)
        return names


def _row(fields: list[str] | BadRow, names: list[str], *, encoding: str) -> object:
    if isinstance(fields, BadRow):
        return fields
    raw = "\t".join(fields)[:500]
    if len(fields) != len(names):
        return BadRow(f"{len(fields)} fields, the header has {len(names)}", "wrong number of fields", raw)
    for name, value in zip(names, fields, strict=True):
        if not value.isascii() and _SURROGATES.search(value):
            reason = f"{name!r} contains bytes that are not {encoding.upper()}; name the encoding with --encoding"
            return BadRow(reason, f"invalid {encoding.upper()}", raw)
    return dict(zip(names, fields, strict=True))
