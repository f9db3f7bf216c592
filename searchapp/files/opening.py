"""Open a regular file as a stream of bytes, decompressed if necessary, with a limit on the decompressed size."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from searchapp.errors import InputError, UnreadableFileError
from searchapp.files.zstd_file import ZstdFile

MAX_UNPACKED = 64 * 2**30
"""Maximum decompressed size in bytes of a file that is read row by row."""

MAX_RATIO = 200
"""Maximum ratio of decompressed to compressed size. Text has a ratio of about 10, a decompression bomb one of about 1,000."""

RATIO_FREE = 32 * 2**20
"""Decompressed size up to which the ratio is ignored: small files of repeated lines compress very well."""

BUFFER = 1 << 18


@dataclass(frozen=True, slots=True)
class FileState:
    """Size and modification time of a file, to detect changes between two reads."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> FileState:
        """Read the state of a file.

        Args:
            path: The file.

        Raises:
            InputError: The file is gone or its state cannot be read.
        """
        try:
            found = path.stat()
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror}); it was there a moment ago", path=path) from error
        return cls(found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class InputFile:
    """An open file.

    Attributes:
        path: Path of the file.
        stream: Its decompressed content.
        raw: The file on disk; its position is the progress of the reading.
        size: Size on disk in bytes when it was opened.
    """

    path: Path
    stream: io.BufferedReader
    raw: IO[bytes]
    size: int

    @property
    def share(self) -> float:
        """Return the share of the file read so far, in [0, 1]."""
        return min(1.0, self.raw.tell() / self.size) if self.size else 1.0


class _Bounded(io.RawIOBase):
    """Passes a stream on, counts its bytes, and converts the errors of damaged files to UnreadableFileError."""

    def __init__(self, inner: Any, *, path: Path, raw: IO[bytes], packed: bool, limit: int) -> None:
        self._inner, self._path, self._raw = inner, path, raw
        self._packed, self._limit, self._total = packed, limit, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            count = int(self._inner.readinto(buffer) or 0)
        except (EOFError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile) as error:
            raise UnreadableFileError(
                f"the compressed file is damaged here ({error})", kind="damaged", path=self._path
            ) from error
        except OSError as error:
            reason = f"cannot be read ({error.strerror or error})"
            raise UnreadableFileError(reason, kind="unreadable", path=self._path) from error
        self._total += count
        if self._packed:
            self._check()
        return count

    def _check(self) -> None:
        if self._total > self._limit:
            raise UnreadableFileError(
                f"unpacks to more than {self._limit / 2**20:,.0f} MiB, which is the limit",
                kind="too large",
                path=self._path,
            )
        if self._total > RATIO_FREE and self._total > MAX_RATIO * self._raw.tell():
            raise UnreadableFileError(
                f"unpacks to more than {MAX_RATIO} times its size, as decompression bombs do; unpack it yourself if it is "
                "what you want",
                kind="decompression bomb",
                path=self._path,
            )


@contextmanager
def open_bytes(path: Path, *, limit: int = MAX_UNPACKED) -> Iterator[InputFile]:
    """Open a file. Gzip and zstd are recognised by their first bytes, whatever the file's name.

    Args:
        path: A regular file.
        limit: Maximum size in bytes after decompression.

    Yields:
        The open file. Reading it raises UnreadableFileError if it is damaged or too large after decompression.

    Raises:
        InputError: The file is missing, not a regular file, or not readable.
    """
    regular_file(path)
    try:
        raw = path.open("rb")
    except OSError as error:
        raise UnreadableFileError(f"cannot be opened ({error.strerror})", kind="unreadable", path=path) from error
    with raw:
        magic = raw.read(4)
        raw.seek(0)
        inner: Any = raw
        if magic[:2] == b"\x1f\x8b":
            inner = gzip.GzipFile(fileobj=raw)
        elif magic == b"\x28\xb5\x2f\xfd":
            inner = ZstdFile(raw)
        bounded = _Bounded(inner, path=path, raw=raw, packed=inner is not raw, limit=limit)
        with io.BufferedReader(bounded, BUFFER) as stream:
            yield InputFile(path, cast("io.BufferedReader", stream), raw, os.fstat(raw.fileno()).st_size)


def read_whole(path: Path, *, limit: int) -> bytes:
    """Read a file into memory.

    Args:
        path: A regular file, plain or compressed.
        limit: Maximum size in bytes after decompression.

    Raises:
        InputError: The file cannot be read, is damaged, or is too large.
    """
    with open_bytes(path, limit=limit) as file:
        content = file.stream.read(limit + 1)
    if len(content) > limit:
        raise UnreadableFileError(
            f"larger than {limit / 2**20:,.0f} MiB, which is the limit", kind="too large", path=path
        )
    return content


def regular_file(path: Path) -> None:
    """Reject anything but a regular file: a pipe may block for ever and a device may never end.

    Args:
        path: The path to be read.

    Raises:
        InputError: The path is missing, a folder, a pipe, a socket or a device.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableFileError(
            f"cannot be opened ({reason}); check the path", kind="unreadable", path=path
        ) from error
    if not stat.S_ISREG(mode):
        what = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}.get(
            stat.S_IFMT(mode), "a device"
        )
        raise UnreadableFileError(
            f"{what}, expected a file; write its content to one first", kind="not a file", path=path
        )


def text_stream(file: InputFile, *, encoding: str) -> io.TextIOWrapper:
    """Read an open file as text; undecodable bytes become lone surrogates.

    Args:
        file: A file opened by `open_bytes` or `open_text`.
        encoding: Encoding of the stream.
    """
    return io.TextIOWrapper(cast("Any", file.stream), encoding=encoding, errors="surrogateescape", newline="")
