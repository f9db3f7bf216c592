"""Read Parquet files: row by row for sources, as a table of chosen columns for training and evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from searchapp.errors import InputError, MissingExtraError, UnreadableFileError
from searchapp.files.json_lines import BadRow
from searchapp.files.opening import MAX_RATIO, RATIO_FREE, regular_file

BATCH_ROWS = 1024
BATCH_BYTES = 16 * 2**20
"""Approximate bytes of text converted to Python values at a time."""


def read_table(
    path: Path, columns: Sequence[str], *, sources: Sequence[str] = (), languages: Sequence[str] = ()
) -> Any:
    """Read some columns of a Parquet file into memory.

    Args:
        path: The file.
        columns: Names of the columns to read.
        sources: Keep only rows whose `source` is one of these; empty keeps all.
        languages: Keep only rows whose `lang` is one of these; empty keeps all.

    Returns:
        A `pyarrow.Table`.

    Raises:
        InputError: The file cannot be read, a column is missing, or no row remains.
        MissingExtraError: pyarrow is not installed.
    """
    with _errors(path):
        import pyarrow.parquet as pq

        there = list(pq.read_schema(path).names)
    wanted = [("source", sources), ("lang", languages)]
    filters = [(name, "in", list(values)) for name, values in wanted if len(values)]
    needed = [*columns, *(name for name, _, _ in filters if name not in columns)]
    if absent := [name for name in needed if name not in there]:
        raise InputError(f"no column {' or '.join(absent)}; it has {', '.join(there)}", path=path)
    with _errors(path):
        table = pq.read_table(path, columns=list(columns), filters=filters or None)
    if not table.num_rows:
        asked = "; ".join(f"{name} in {', '.join(values)}" for name, _, values in filters)
        raise InputError(f"no row with {asked or 'any content'}", path=path)
    return table


def parquet_rows(path: Path) -> Iterator[tuple[int, object, float]]:
    """Read a Parquet file row by row.

    Args:
        path: The file.

    Yields:
        The 1-based row number, its values by column name or a BadRow, and the share of the rows read so far.

    Raises:
        InputError: The file is not Parquet, is damaged, or its decompressed size is far larger than the file.
        MissingExtraError: pyarrow is not installed.
    """
    row = 0
    with _errors(path):
        import pyarrow.parquet as pq

        names = _text_columns(pq.read_schema(path))
        with pq.ParquetFile(path, read_dictionary=names) as file:
            _check_size(file.metadata, path=path)
            total = max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                step = max(1, min(BATCH_ROWS, BATCH_BYTES // _widest(batch)))
                for start in range(0, batch.num_rows, step):
                    for value in _values(batch.slice(start, step)):
                        row += 1
                        yield row, value, row / total


def parquet_schema(path: Path) -> list[str]:
    """Read the names of a Parquet file's columns.

    Args:
        path: The file.

    Raises:
        InputError: The file is not Parquet.
        MissingExtraError: pyarrow is not installed.
    """
    with _errors(path):
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)


class _errors:  # noqa: N801 - reads like a statement
    """Converts pyarrow's exceptions to this software's errors."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        regular_file(self._path)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or isinstance(error, (InputError, GeneratorExit, KeyboardInterrupt)):
            return
        if isinstance(error, ImportError):
            raise MissingExtraError(feature="reading Parquet files", extra="files") from error
        if isinstance(error, (OSError, ValueError, KeyError, NotImplementedError, MemoryError)):  # pyarrow's exceptions
            reason = f"not a Parquet file, or damaged ({str(error)[:200]})"
            raise UnreadableFileError(reason, kind="damaged", path=self._path) from error


def _text_columns(schema: Any) -> list[str]:
    """Return the columns of text or bytes. Read as dictionaries, they hold a value shared by many rows only once."""
    import pyarrow as pa

    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return [field.name for field in schema if any(kind(field.type) for kind in kinds)]


def _check_size(metadata: Any, *, path: Path) -> None:
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if unpacked > RATIO_FREE and unpacked > MAX_RATIO * path.stat().st_size:
        raise UnreadableFileError(
            f"unpacks to {unpacked / 2**20:,.0f} MiB, more than {MAX_RATIO} times its size",
            kind="decompression bomb",
            path=path,
        )


def _widest(batch: Any) -> int:
    """Estimate the size of the longest row: the sum over the columns of their longest values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    widest = 1
    for column in batch.columns:
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if pa.types.is_nested(values.type):
            widest += values.nbytes // max(1, len(values))
        elif len(values) and any(kind(values.type) for kind in (pa.types.is_string, pa.types.is_binary)):
            widest += pc.max(pc.binary_length(values)).as_py() or 0
    return widest


def _values(batch: Any) -> Iterator[object]:
    try:
        yield from batch.to_pylist()
        return
    except (ValueError, OverflowError, KeyError, ImportError, UnicodeDecodeError):
        pass  # one value of the batch has no Python equivalent: find it
    for row in range(batch.num_rows):
        yield _row({name: batch.column(place)[row] for place, name in enumerate(batch.schema.names)})


def _row(scalars: dict[str, Any]) -> object:
    found = {}
    for name, scalar in scalars.items():
        try:
            found[name] = scalar.as_py()
        except (ValueError, OverflowError, KeyError, ImportError, UnicodeDecodeError) as error:
            text = _as_text(scalar)
            if text is None:
                return BadRow(f"{name!r} contains a value that cannot be read ({error})", "unreadable value", "")
            found[name] = text
    return found


def _as_text(scalar: Any) -> str | None:
    """Write a date, time or number outside Python's range as text; None if that is not possible."""
    import pyarrow as pa

    try:
        text = scalar.cast(pa.string()).as_py()
    except (pa.ArrowException, ValueError, OverflowError):
        return None
    return text if isinstance(text, str) else None
