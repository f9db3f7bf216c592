"""Decode files in UTF-8, UTF-16, UTF-32, a named encoding, or the encoding that their bytes suggest."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import regex

from searchapp.errors import ConfigurationError
from searchapp.files.opening import MAX_UNPACKED, InputFile, open_bytes

SAMPLE = 1 << 17
"""Bytes from which an encoding is detected."""

EVIDENCE = 4
"""Minimum bytes outside UTF-8 for detection: a single damaged byte says nothing about the rest."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "koi8_r", "koi8_u", "cp874",
    "cp932", "euc_jp", "gb18030", "big5", "cp949", "iso8859_2",
]  # fmt: skip
"""Encodings common on disk. The detector's longer list finds rare ones in texts that do not use them."""

_LATIN = frozenset({"cp1250", "cp1254", "cp1257", "cp1258", "iso8859_2"})
"""Encodings that differ from Windows-1252 in a few letters."""

_CLOSE = 0.05
"""How much worse Windows-1252 may score than one of _LATIN and still be chosen, because it is by far the most frequent."""

_ODD = regex.compile(r"[^\p{L}\p{M}\p{P}\p{Nd}\s]|[\uff61-\uff9f]|\p{Ll}\p{Lu}")
"""Frequent in text decoded with the wrong encoding: symbols, half-width kana, capitals inside words."""

_HTML = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)
_HTML_HEAD = 4096
"""Bytes within which a page must declare its encoding; HTML requires it in the first 1,024."""

_INVALID = "searchapp.invalid"


def _mark_invalid(error: UnicodeError) -> tuple[str, int]:
    """Replace undecodable bytes by a lone surrogate, which is written to UTF-8 as an invalid byte."""
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    raise error


codecs.register_error(_INVALID, _mark_invalid)


@dataclass(frozen=True, slots=True)
class TextFile:
    """An open file whose stream is UTF-8, whatever the encoding on disk.

    Attributes:
        file: The stream and its position.
        encoding: The encoding of the file on disk.
    """

    file: InputFile
    encoding: str


@contextmanager
def open_text(path: Path, *, encoding: str | None = None, limit: int = MAX_UNPACKED) -> Iterator[TextFile]:
    """Open a text file in any encoding, plain or compressed, without its byte order mark.

    Args:
        path: A regular file.
        encoding: Encoding of the file; None to detect it from the beginning.
        limit: Maximum size in bytes after decompression.

    Yields:
        A stream of UTF-8. A byte that is invalid in the file's encoding becomes a byte that is invalid in UTF-8.

    Raises:
        InputError: The file cannot be read.
        ConfigurationError: The encoding does not exist.
    """
    known = None if encoding is None else known_encoding(encoding)
    with open_bytes(path, limit=limit) as file:
        if known is None:
            known = detect_encoding(file.stream.peek(SAMPLE)[:SAMPLE])
        if known in ("utf-8", "utf-8-sig"):
            if file.stream.peek(3)[:3] == codecs.BOM_UTF8:
                file.stream.read(3)
            yield TextFile(file, "utf-8")
            return
        recoded: Any = io.BufferedReader(_Recoded(file.stream, known), 1 << 18)
        yield TextFile(replace(file, stream=recoded), known)


class _Recoded(io.RawIOBase):
    """Convert a stream in one encoding to a stream of UTF-8."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=_INVALID)
        self._waiting = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._waiting and not self._ended:
            block = self._stream.read1(1 << 16)
            self._ended = not block
            text = self._decoder.decode(block, final=self._ended)
            self._waiting = memoryview(text.encode("utf-8", "surrogateescape"))
        size = min(len(buffer), len(self._waiting))
        buffer[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size


def detect_encoding(sample: bytes) -> str:
    """Detect the encoding of a text from its beginning.

    Args:
        sample: The first bytes.

    Returns:
        Name of a Python codec; `utf-8` unless there is a byte order mark or the evidence against UTF-8 prevails.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if wide := _without_mark(sample):
        return wide
    text = sample.decode("utf-8", "surrogateescape")
    text = text.rstrip("".join(map(chr, range(0xDC80, 0xDD00)))) if len(sample) >= SAMPLE else text
    invalid = sum("\udc80" <= character <= "\udcff" for character in text)
    if invalid < EVIDENCE or invalid <= sum(character > "\x7f" for character in text) - invalid:
        return "utf-8"
    return _guess(sample)


def decode(content: bytes, *, encoding: str | None = None) -> str:
    """Decode a whole text.

    Args:
        content: The bytes of a file.
        encoding: Encoding of the file; None to detect it.

    Raises:
        UnicodeDecodeError: No encoding could be detected, or the text is not in the named one.
    """
    return content.decode(known_encoding(encoding) if encoding else detect_encoding(content[:SAMPLE]))


def decode_html(content: bytes, *, encoding: str | None = None) -> str:
    """Decode a whole page with the named encoding, else UTF-8, else that of its `<meta charset>`, else a detected one.

    Args:
        content: The bytes of a file.
        encoding: Encoding of the file; None to detect it.

    Raises:
        UnicodeDecodeError: No encoding could be detected.
    """
    if encoding is not None:
        return decode(content, encoding=encoding)
    if (wide := detect_encoding(content[:_HTML_HEAD])).startswith("utf-"):
        with suppress(UnicodeDecodeError):
            return content.decode(wide)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = _HTML.search(content[:_HTML_HEAD])
        try:
            name = codecs.lookup(named.group(1).decode("ascii")).name if named else ""
        except LookupError:
            name = ""
        if name and name != "utf-8":
            # Pages that declare Latin-1 use Windows' superset of it, and browsers decode them so.
            return content.decode("cp1252" if name in ("iso8859-1", "ascii") else name)
    return decode(content)


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding.

    Args:
        name: A name such as `cp1252`, `windows-1252` or `UTF-16`.

    Raises:
        ConfigurationError: The name is unknown or is not a text encoding.
    """
    try:
        found = codecs.lookup(name)
        if found.name in ("idna", "punycode"):
            raise LookupError("encodings of host names")
        "a".encode(found.name)
        b"".decode(found.name)
    except (LookupError, ValueError, UnicodeError) as error:
        raise ConfigurationError(
            f"unknown encoding {name!r}; use a name such as utf-8, cp1252, utf-16 or gb18030"
        ) from error
    return {"utf-8": "utf-8", "iso8859-1": "cp1252"}.get(found.name, found.name)


def _without_mark(sample: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark: every other byte of ASCII text is NUL."""
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > pairs // 3 and even < odd // 10:
        return "utf-16-le"
    return "utf-16-be" if even > pairs // 3 and odd < even // 10 else None


def _guess(sample: bytes) -> str:
    """Choose among charset-normalizer's candidates, which are judged by the lines with non-ASCII bytes only."""
    from charset_normalizer import CharsetMatch, from_bytes

    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    likely = list(from_bytes(telling, cp_isolation=_CANDIDATES, threshold=0.5))
    likely = [match for match in likely if _oddness(str(match)) < 0.5] or likely
    if not likely:
        return "utf-8"
    best = likely[0]

    def close(match: CharsetMatch) -> bool:
        return (
            match.coherence >= best.coherence - _CLOSE
            and match.chaos <= best.chaos + _CLOSE
            and _oddness(str(match)) <= _oddness(str(best)) + _CLOSE
        )

    if best.encoding in _LATIN and any(match.encoding == "cp1252" and close(match) for match in likely):
        return "cp1252"
    return best.encoding


def _oddness(text: str) -> float:
    """Return the share of odd characters among the non-ASCII ones."""
    return len(_ODD.findall(text)) / max(1, sum(character > "\x7f" for character in text))
