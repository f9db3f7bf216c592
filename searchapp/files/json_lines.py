"""The reader of JSON lines: one for sources, training and evaluation."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searchapp.errors import InputError, UnreadableFileError
from searchapp.files.encodings import TextFile, open_text

MAX_LINE = 8 * 2**20
"""Bytes of the longest line."""

MAX_CONTAINERS = 500_000
"""Lists and objects in one line; each costs some hundred bytes of memory and may be written in three."""

SHOWN = 1000


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read.

    Attributes:
        reason: What was found and what was expected.
        kind: The same in a few fixed words, to count by.
        raw: Its beginning.
    """

    reason: str
    kind: str
    raw: str = ""


def scan_json_lines(text: TextFile) -> Iterator[tuple[int, object]]:
    """Read every line that is not blank.

    Args:
        text: An open file.

    Yields:
        The 1-based line and its value, or a BadRow where it cannot be read; a damaged file ends with one.
    """
    line = 0
    try:
        for raw in _lines(text.file.stream):
            line += 1
            if isinstance(raw, BadRow):
                yield line, raw
            elif raw.strip():
                yield (
                    line,
                    parse_json(raw, encoding=text.encoding),
                )
    except UnreadableFileError as error:
        yield line + 1, BadRow(error.reason, error.kind)


def read_json_lines(path: Path, *, fields: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read objects, one per line, and stop at the first line that is none; blank lines are skipped.

    Args:
        path: The file, plain or packed.
        fields: Names that each object must have.

    Yields:
        The 1-based line and its object.

    Raises:
        InputError: The file cannot be read, or a line is no object with these fields; the message names the line.
    """
    with open_text(path) as text:
        for line, row in scan_json_lines(text):
            if isinstance(row, BadRow):
                raise InputError(row.reason, path=path, line=line)
            if not isinstance(row, dict) or any(name not in row for name in fields):
                found = f"an object with {', '.join(row) or 'nothing'}" if isinstance(row, dict) else repr(row)[:80]
                wanted = f"an object with {', '.join(fields)}" if fields else "an object"
                raise InputError(f"{found}; expected {wanted}", path=path, line=line)
            yield line, row


def parse_json(raw: bytes, *, encoding: str = "utf-8") -> object:
    """Parse one value.

    Args:
        raw: UTF-8.
        encoding: Of the file that it came from, for the message.

    Returns:
        The value, or a BadRow that says what is wrong.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            return BadRow(f"bytes that are not {encoding}", f"invalid {encoding}", shown(raw))
        reason = f"byte 0x{raw[error.start]:02x} at {error.start} is not UTF-8; name another encoding with --encoding"
        return BadRow(reason, "invalid UTF-8", shown(raw))
    if text.count("[") + text.count("{") > MAX_CONTAINERS and _containers(text) > MAX_CONTAINERS:
        return BadRow(f"more than {MAX_CONTAINERS:,} lists and objects in one row", "too many values", shown(raw))
    try:
        return json.loads(text)
    except RecursionError:
        return BadRow("nested too deeply to be read", "malformed JSON", shown(raw))
    except ValueError as error:
        return BadRow(f"malformed JSON: {error}", "malformed JSON", shown(raw))


def shown(raw: bytes) -> str:
    """Show the beginning of a row.

    Args:
        raw: UTF-8, or what should be.
    """
    return raw[:SHOWN].decode("utf-8", "replace")


def _containers(text: str) -> int:
    """Count brackets outside strings, roughly: what stands between two quotes is one piece in two."""
    return sum(piece.count("[") + piece.count("{") for piece in text.replace('\\"', "").split('"')[::2])


def _lines(stream: io.BufferedReader) -> Iterator[bytes | BadRow]:
    while raw := stream.readline(MAX_LINE + 1):
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            length = len(raw) + _skip(stream)
            yield BadRow(f"a line of {length:,} bytes, at most {MAX_LINE:,}", "line too long", shown(raw))
        else:
            yield raw


def _skip(stream: io.BufferedReader) -> int:
    """Read on to the end of an overlong line; returns how many bytes that was."""
    skipped = 0
    while raw := stream.readline(MAX_LINE):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped
