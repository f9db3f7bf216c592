"""Read zstd files. Unlike the library's own reader, this one raises an error if the file is truncated."""

from __future__ import annotations

import io
from typing import IO, Any

import zstandard

BLOCK = 1 << 11
"""Compressed bytes read at a time. Small, because each may expand 32,000-fold in a malicious file."""
LARGEST_WINDOW = 1 << 27
"""Maximum memory in bytes that a frame may request: as much as `zstd --long` uses."""


class ZstdFile(io.RawIOBase):
    """The decompressed content of one or several consecutive frames. Wrap it in `io.BufferedReader`.

    Args:
        raw: The file on disk.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame: Any = None
        self._waiting = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Decompress the next bytes into a buffer and return their number; 0 at the end of the file.

        Args:
            buffer: Writable bytes; at most its length is read.

        Raises:
            EOFError: The file ends inside a frame.
        """
        while not self._waiting:
            packed = self._frame.unused_data if self._frame is not None and self._frame.eof else b""
            packed = packed or self._raw.read(BLOCK)
            if not packed:
                if self._frame is not None and not self._frame.eof:
                    raise EOFError("the file ends inside a zstd frame")
                return 0
            if self._frame is None or self._frame.eof:
                self._frame = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW).decompressobj()
            self._waiting = memoryview(self._frame.decompress(packed))
        size = min(len(buffer), len(self._waiting))
        buffer[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size
