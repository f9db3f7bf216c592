"""Split a CSV file into records of fields. A quote that is never closed costs only one line."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator

from searchapp.files.json_lines import MAX_LINE, BadRow

LOOK_AHEAD = 256 * 2**20
"""Characters read in search of closing quotes in one file after which a quote must close on its own line."""


class CsvRecords:
    """Iterates over the records of a file: the 1-based line on which a record begins, and its fields or a BadRow.

    Args:
        text: The file, opened with `newline=""`.
        delimiter: Delimiter between fields.
    """

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        csv.field_size_limit(MAX_LINE)
        self._lines = _lines(text)
        self._delimiter = delimiter
        self._again: deque[str] = deque()
        self._number = self._in_vain = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | BadRow]]:
        return self

    def __next__(self) -> tuple[int, list[str] | BadRow]:
        line = self._line()
        while not line.strip():
            line = self._line()
        start = self._number
        if len(line) > MAX_LINE:
            return start, BadRow(f"a line of more than {MAX_LINE:,} characters", "line too long", line[:500])
        return start, self._fields(line)

    def _line(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._number += 1
        return line

    def _fields(self, line: str) -> list[str] | BadRow:
        """Append lines until the last quote is closed. If it never is, push back all lines but the first."""
        record, size = [line], len(line)
        closed = _after(line, self._delimiter, quoted=False)
        while closed is None and size <= MAX_LINE and self._in_vain <= LOOK_AHEAD:
            more = self._again.popleft() if self._again else next(self._lines, None)
            if more is None:
                break
            record.append(more)
            size += len(more)
            closed = _after(more, self._delimiter, quoted=True)
        if closed or (closed is False and len(record) == 1):
            self._number += len(record) - 1
            return self._parsed(record)
        self._again.extendleft(reversed(record[1:]))
        self._in_vain += size
        if self._delimiter == "\t":  # most TSV files use no quoting
            return self._parsed([line], literal=True)
        return BadRow("a quote opens a field and nothing closes it", "unpaired quote", line[:500])

    def _parsed(self, record: list[str], *, literal: bool = False) -> list[str] | BadRow:
        try:
            return next(
                csv.reader(record, delimiter=self._delimiter, quoting=csv.QUOTE_NONE if literal else csv.QUOTE_MINIMAL),
                [],
            )
        except csv.Error as error:
            return BadRow(f"not readable as CSV: {error}", "malformed CSV", record[0][:500])


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Read lines. Of an overlong line only the beginning is read, which still exceeds MAX_LINE."""
    while line := text.readline(MAX_LINE + 1):
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(("\n", "\r")):
            rest = text.readline(MAX_LINE + 1)
        yield line


def _after(line: str, delimiter: str, *, quoted: bool) -> bool | None:
    """Return the state after a line's last field: True if closed, None inside quotes, False after a misplaced quote."""
    if '"' not in line:
        return None if quoted else True
    at, content = 0, line.rstrip("\r\n")
    while True:
        if not quoted:
            if content[at : at + 1] == '"':
                quoted, at = True, at + 1
                continue
            at = content.find(delimiter, at) + 1
            if not at:
                return True
            continue
        closing = content.find('"', at)
        if closing < 0:
            return None
        following = content[closing + 1 : closing + 2]
        at = closing + 2
        if following == '"':
            continue
        if following not in ("", delimiter):
            return False
        if not following:
            return True
        quoted = False
