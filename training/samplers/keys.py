"""What must not occur twice in a batch, as numbers: the group of a row, and each of its texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from searchapp.errors import InputError
from training.columns import ANCHOR, GROUP, NEGATIVE, PARALLEL, POSITIVE


def row_keys(datasets: Sequence[Any], names: Sequence[str]) -> list[NDArray[np.int64]]:
    """Number groups and texts over all datasets.

    Returns:
        Per dataset (rows, 1 + texts): group, anchor and whatever other texts it has. Groups are negative numbers and
        texts are not, so that both fit into one set; the same text has the same number in every column and dataset.

    Raises:
        InputError: A dataset lacks the anchor or the group.
    """
    columns: list[pa.Array] = []
    places: list[tuple[int, bool]] = []
    for number, (dataset, name) in enumerate(zip(datasets, names, strict=True)):
        table = dataset.with_format("arrow")[:]
        missing = [column for column in (ANCHOR, GROUP) if column not in table.column_names]
        if missing:
            raise InputError(
                f"dataset {name} has no column {' or '.join(missing)}, only {', '.join(table.column_names)}; the readers "
                "in training.datasets make both"
            )
        columns.append(_strings(table, GROUP, prefix="g"))
        places.append((number, True))
        for column in (ANCHOR, POSITIVE, NEGATIVE, PARALLEL, *_further(table.column_names)):
            if column in table.column_names:
                columns.append(_strings(table, column, prefix="t"))
                places.append((number, False))
    if not columns:
        return []
    codes = pa.chunked_array(columns).combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    bounds = np.cumsum([0] + [len(column) for column in columns])
    parts: list[list[NDArray[np.int64]]] = [[] for _ in datasets]
    for (number, is_group), start, end in zip(places, bounds[:-1], bounds[1:], strict=True):
        part = codes[start:end].astype(np.int64)
        parts[number].append(-1 - part if is_group else part)
    return [np.column_stack(part) for part in parts]


def _further(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith(f"{NEGATIVE}_")]


def _strings(table: pa.Table, column: str, *, prefix: str) -> pa.Array:
    import pyarrow.compute as pc

    values = pc.cast(table[column].combine_chunks(), pa.large_string())
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    # A group may be spelt like a text.
    return pc.binary_join_element_wise(pa.scalar(prefix, pa.large_string()), values, pa.scalar("", pa.large_string()))
