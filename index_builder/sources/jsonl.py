"""Read JSON lines, plain or compressed."""

from __future__ import annotations

from collections.abc import Iterator

from index_builder.sources.base import RowSource
from searchapp.files.encodings import open_text
from searchapp.files.json_lines import scan_json_lines


class JsonlSource(RowSource):
    """Reads one object per line; blank lines are skipped, and bad ones rejected without stopping."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the lines.

        Yields:
            The 1-based line, its value or a BadRow, and the share of the file read so far.
        """
        with open_text(self.file, encoding=self.options.encoding) as text:
            for line, row in scan_json_lines(text):
                yield line, row, text.file.share
