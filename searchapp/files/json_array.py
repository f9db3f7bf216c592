"""Read JSON arrays element by element, so that a large file needs little memory and a bad element affects only itself."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from searchapp.errors import UnreadableFileError
from searchapp.files.encodings import TextFile
from searchapp.files.json_lines import MAX_LINE, SHOWN, BadRow, parse_json, shown

HEAD = 1 << 14
"""Bytes within which the array must begin."""

_WHOLE_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_BETWEEN_ELEMENTS = re.compile(_WHOLE_STRING + rb'|["\[\]{},]', re.DOTALL)
_IN_ELEMENT = re.compile(_WHOLE_STRING + rb'|["\[\]{}]', re.DOTALL)  # its commas separate nothing
_STRING = re.compile(rb'["\\]')
_ARRAY = re.compile(rb"\s*\[")
_SCALAR = rb'(?:"(?:[^"\\]|\\.)*"|[^"\[\]{},\s]+)'
_MEMBER = rb'"(?:[^"\\]|\\.)*"\s*:\s*' + _SCALAR + rb"\s*,\s*"
_UNDER_DATA = re.compile(rb"\s*\{\s*(?:" + _MEMBER + rb')*"data"\s*:\s*\[', re.DOTALL)


def begins_array(head: bytes) -> bool:
    """Return whether a file's value is an array.

    Args:
        head: First bytes of the file, in UTF-8.
    """
    return _ARRAY.match(head) is not None


def begins_data(head: bytes) -> bool:
    """Return whether a file's value is an object whose `data` is an array preceded only by scalars, as in SQuAD.

    Args:
        head: First bytes of the file, in UTF-8.
    """
    return _UNDER_DATA.match(head) is not None


def scan_json_array(text: TextFile) -> Iterator[tuple[int, object]]:
    """Read the elements of a file's array: the file's value itself, or its `data`.

    Args:
        text: An open file.

    Yields:
        The element's 1-based position and its value, or a BadRow if it cannot be read. A damaged file ends with a BadRow.
    """
    place = 0
    try:
        for raw in _elements(text.file.stream):
            place += 1
            yield place, raw if isinstance(raw, BadRow) else parse_json(raw, encoding=text.encoding)
    except UnreadableFileError as error:
        yield place + 1, BadRow(error.reason, error.kind)


def _elements(stream: io.BufferedReader) -> Iterator[bytes | BadRow]:
    head = stream.peek(HEAD)[:HEAD]
    alone = _ARRAY.match(head)
    match = alone or _UNDER_DATA.match(head)
    if match is None:
        yield BadRow('no JSON array, and no object with an array under "data"', "malformed JSON", shown(head))
        return
    stream.read(match.end())
    splitter = _Splitter()
    while not splitter.ended and (chunk := stream.read1(1 << 16)):
        yield from splitter.feed(chunk)
    if not splitter.ended:
        yield BadRow("the file ends inside its array", "damaged", shown(bytes(splitter.element)))
    elif alone and (splitter.rest.strip() or stream.read(HEAD).strip()):
        yield BadRow("content after the end of the array", "malformed JSON", shown(splitter.rest.strip()))


class _Splitter:
    """Splits the inside of an array at the commas between its elements.

    Attributes:
        element: Bytes read so far of the current element.
        ended: Whether the array's closing bracket was read.
        rest: Bytes that followed the bracket in the same chunk.
    """

    def __init__(self) -> None:
        self.element = bytearray()
        self.ended = False
        self.rest = b""
        self._depth = 0
        self._quoted = self._escaped = False
        self._size = 0
        self._count = 0

    def feed(self, chunk: bytes) -> Iterator[bytes | BadRow]:
        """Process the next bytes and yield the elements that end in them."""
        at = first = 0
        if self._escaped:
            self._escaped, at = False, 1
        while True:
            outside = _IN_ELEMENT if self._depth else _BETWEEN_ELEMENTS
            match = (_STRING if self._quoted else outside).search(chunk, at)
            if match is None:
                self._keep(chunk[first:])
                return
            at = match.end()
            found = match[0]
            if len(found) > 1:  # a whole string
                continue
            if found == b"\\":
                self._escaped = at >= len(chunk)
                at += 1
            elif found == b'"':
                self._quoted = not self._quoted
            elif found in b"[{":
                self._depth += 1
            elif found in b"]}" and self._depth:
                self._depth -= 1
            elif not self._depth:
                self._keep(chunk[first : at - 1])
                first = at
                self.ended = found != b","
                yield from self._finish(last=self.ended)
                if self.ended:
                    self.rest = chunk[at:]
                    return

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= MAX_LINE:
            self.element += piece
        else:
            del self.element[SHOWN:]

    def _finish(self, *, last: bool) -> Iterator[bytes | BadRow]:
        raw, size = bytes(self.element), self._size
        self.element.clear()
        self._size = 0
        self._count += 1
        if size > MAX_LINE:
            yield BadRow(f"an element of {size:,} bytes, at most {MAX_LINE:,}", "line too long", shown(raw))
        elif raw.strip() or not last or self._count > 1:
            yield raw
