"""Read Parquet files a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

from index_builder.sources.base import RowSource
from searchapp.errors import UnreadableFileError
from searchapp.files.json_lines import BadRow
from searchapp.files.parquet import parquet_rows


class ParquetSource(RowSource):
    """Reads the rows of a Parquet file. Line numbers are 1-based row numbers."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the rows.

        Yields:
            The 1-based row, its values by column name or a BadRow, and the share of the file read.
        """
        row = 0
        try:
            for row, value, share in parquet_rows(self.file):
                yield row, value, share
        except UnreadableFileError as error:
            if not row:
                raise
            yield row + 1, BadRow(error.reason, error.kind), 1.0
