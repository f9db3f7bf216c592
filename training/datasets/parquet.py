"""Parquet files of the shared layout: columns checked, sources and languages chosen while reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from searchapp.errors import InputError


def read_table(
    path: Path, columns: Sequence[str], *, sources: Sequence[str] = (), languages: Sequence[str] = ()
) -> pa.Table:
    """Read some columns, and of `source` and `lang` only these values; empty for all.

    Raises:
        InputError: The file cannot be read, a column is missing, or no row is left.
    """
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"not a Parquet file that can be read: {error}", path=path) from error
    if absent := [name for name in columns if name not in schema.names]:
        raise InputError(f"no column {' or '.join(absent)}; it has {', '.join(schema.names)}", path=path)
    filters = [(name, "in", list(wanted)) for name, wanted in (("source", sources), ("lang", languages)) if len(wanted)]
    table = pq.read_table(path, columns=list(columns), filters=filters or None)
    if not table.num_rows:
        asked = "; ".join(f"{name} in {', '.join(values)}" for name, _, values in filters)
        raise InputError(f"no row with {asked or 'any content'}", path=path)
    return table
