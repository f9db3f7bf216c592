"""Reading zstd files: unlike the library's own reader, one that is cut off raises instead of ending early."""

from __future__ import annotations

import io
from typing import IO, Any

import zstandard

BLOCK = 1 << 11
"""Packed bytes taken at a time; small, because each may unpack to 32,000 in a file made to fill the memory."""
LARGEST_WINDOW = 1 << 27
"""Bytes of memory that a frame may ask for: what `zstd --long` makes; more is refused."""


class ZstdFile(io.RawIOBase):
    """The content of one frame or of several, one after the other; wrap it in `io.BufferedReader`.

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
