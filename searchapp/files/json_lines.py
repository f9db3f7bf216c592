"""Read JSON lines, for sources, training and evaluation."""

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
"""Maximum length of a line in bytes."""

MAX_CONTAINERS = 500_000
"""Maximum lists and objects per line. Each needs some hundred bytes of memory but only three bytes of text."""

SHOWN = 1000


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read.

    Attributes:
        reason: What was found and what was expected.
        kind: A short fixed description, for counting.
        raw: The beginning of the row.
    """

    reason: str
    kind: str
    raw: str = ""


def scan_json_lines(text: TextFile) -> Iterator[tuple[int, object]]:
    """Read every line that is not blank.

    Args:
        text: An open file.

    Yields:
        The 1-based line number and the value, or a BadRow if the line cannot be read. A damaged file ends with a BadRow.
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
    """Read one object per line and stop at the first line that is not one; blank lines are skipped.

    Args:
        path: The file, plain or compressed.
        fields: Names of the fields that each object must have.

    Yields:
        The 1-based line number and the object.

    Raises:
        InputError: The file cannot be read, or a line is not an object with these fields; the message gives the line.
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
        raw: Bytes in UTF-8.
        encoding: Encoding of the original file, for the message.

    Returns:
        The value, or a BadRow with the reason.
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
    """Return the beginning of a row for display.

    Args:
        raw: Bytes that should be UTF-8.
    """
    return raw[:SHOWN].decode("utf-8", "replace")


def _containers(text: str) -> int:
    """Count the brackets outside strings. Approximate: text between two quotes is taken as one string."""
    return sum(piece.count("[") + piece.count("{") for piece in text.replace('\\"', "").split('"')[::2])


def _lines(stream: io.BufferedReader) -> Iterator[bytes | BadRow]:
    while raw := stream.readline(MAX_LINE + 1):
        if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            length = len(raw) + _skip(stream)
            yield BadRow(f"a line of {length:,} bytes, at most {MAX_LINE:,}", "line too long", shown(raw))
        else:
            yield raw


def _skip(stream: io.BufferedReader) -> int:
    """Skip to the end of an overlong line and return its length in bytes."""
    skipped = 0
    while raw := stream.readline(MAX_LINE):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped
