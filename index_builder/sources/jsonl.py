"""JSON lines, plain or compressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from index_builder.rejects import Reject
from index_builder.sources.base import RowReader, RowSource
from index_builder.sources.opening import DAMAGED, MAX_LINE, open_bytes


class JsonlSource(RowSource):
    """One object per line; blank lines are skipped, bad ones rejected, the rest of the file goes on."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Line number, parsed line (or reject) and how much of the file was read."""
        size = max(1, self.file.stat().st_size) if self.file.exists() else 1
        with open_bytes(self.file) as (file, raw):
            for line, parsed in self._lines(file):
                yield line, parsed, raw.tell() / size

    def _lines(self, file: IO[bytes]) -> Iterator[tuple[int, Any]]:
        line = 0
        try:
            while raw := file.readline(MAX_LINE + 1):
                line += 1
                if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
                    length = len(raw) + _skip(file)
                    reason = f"a line of {length:,} bytes, at most {MAX_LINE:,}"
                    yield line, self._reject(line, reason, "line too long", raw[:500])
                elif raw.strip():
                    yield line, self._parse(line, raw)
        except DAMAGED as error:
            yield line + 1, self._reject(line + 1, f"the compressed file is damaged here ({error})", "damaged", b"")

    def _parse(self, line: int, raw: bytes) -> Any:
        try:
            return json.loads(raw.decode("utf-8-sig" if line == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            byte = raw[error.start]
            return self._reject(line, f"byte 0x{byte:02x} at {error.start} is not UTF-8", "invalid UTF-8", raw)
        except RecursionError:
            return self._reject(line, "nested too deeply to be read", "malformed JSON", raw)
        except ValueError as error:
            return self._reject(line, f"malformed JSON: {error}", "malformed JSON", raw)

    def _reject(self, line: int, reason: str, kind: str, raw: bytes) -> Reject:
        return RowReader(self.path, self.columns).reject(line, reason, kind, raw[:1000].decode("utf-8", "replace"))


def _skip(file: IO[bytes]) -> int:
    """Read on to the end of an overlong line; how many bytes that was."""
    skipped = 0
    while raw := file.readline(MAX_LINE):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped
