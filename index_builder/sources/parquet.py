"""Parquet files, a record batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index_builder.sources.base import RowSource
from searchapp.errors import InputError, MissingExtraError

BATCH = 1024


class ParquetSource(RowSource):
    """Rows of a Parquet file; line numbers are row numbers from 1."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Row number, row and how much of the file was read."""
        file = self._open()
        total, line = max(1, file.metadata.num_rows), 0
        try:
            for batch in file.iter_batches(batch_size=BATCH):
                for row in batch.to_pylist():
                    line += 1
                    yield line, row, line / total
        except (OSError, ValueError) as error:
            raise InputError(f"damaged Parquet file ({error})", path=self.path, line=line + 1) from error
        finally:
            file.close()

    def _open(self) -> Any:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise MissingExtraError(feature="reading Parquet files", extra="files") from error
        try:
            return pq.ParquetFile(self.file)
        except (OSError, pa.ArrowInvalid) as error:
            raise InputError(f"not a Parquet file, or damaged ({error})", path=self.path) from error
