"""Number what must not occur twice in a batch: the group of a row, and each of its texts."""

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

    Args:
        datasets: Datasets with `anchor` and `group` columns, all numbered together.
        names: Their names for messages, in the same order.

    Returns:
        Per dataset (rows, 1 + texts): group, anchor and any other texts. Groups are negative numbers and texts are not, so
        that both fit into one set; the same text has the same number in every column and dataset.

    Raises:
        InputError: A dataset lacks the anchor or the group.
    """
    groups: list[pa.Array] = []
    texts: list[pa.Array] = []
    counts: list[int] = []
    for dataset, name in zip(datasets, names, strict=True):
        table = dataset.with_format("arrow")[:]
        missing = [column for column in (ANCHOR, GROUP) if column not in table.column_names]
        if missing:
            raise InputError(
                f"dataset {name} has no column {' or '.join(missing)}, only {', '.join(table.column_names)}; the readers "
                "in training.datasets make both"
            )
        groups.append(_strings(table, GROUP))
        names_of_texts = (ANCHOR, POSITIVE, NEGATIVE, PARALLEL, *_further(table.column_names))
        own = [column for column in names_of_texts if column in table.column_names]
        texts += [_strings(table, column) for column in own]
        counts.append(len(own))
    group_codes, text_codes = iter(_codes(groups)), iter(_codes(texts))
    return [np.column_stack([-1 - next(group_codes), *(next(text_codes) for _ in range(count))]) for count in counts]


def _further(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith(f"{NEGATIVE}_")]


def _strings(table: pa.Table, column: str) -> pa.Array:
    values = table[column].cast(pa.large_string()).combine_chunks()
    # Some versions of Arrow leave a single chunk chunked.
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _codes(columns: Sequence[pa.Array]) -> list[NDArray[np.int64]]:
    """Number the values of all columns together, and give the numbers column by column."""
    if not columns:
        return []
    encoded = pa.chunked_array(columns).combine_chunks()
    codes = encoded.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return np.split(codes, np.cumsum([len(column) for column in columns])[:-1])
