"""Define what the stages on a cluster pass to each other: one parcel in each row of a dataset.

Ray Data wraps an error of a stage in its own and loses its type. A stage therefore turns an error of this software into
a parcel, which arrives in its place: the build finishes and keeps the parcels before it, then raises the original error.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa

from searchapp.errors import SearchAppError

COLUMN: Final = "parcel"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Part of a build on its way through the cluster.

    Attributes:
        content: What the next stage works on: items, a batch, or a segment. None in the last parcel, which only says how
            many rows there were; an error instead of the parcels that would follow.
        rows: Rows of the source read so far, including those of earlier parcels.
        fraction: Share of the source that had been read, in [0, 1]; None if unknown.
    """

    content: Any
    rows: int
    fraction: float | None


def packed(parcel: Parcel) -> pa.Table:
    """Pickle a parcel into a block of one row.

    Args:
        parcel: The parcel.
    """
    return pa.table({COLUMN: pa.array([pickle.dumps(parcel, protocol=5)], pa.large_binary())})


def unpacked(row: bytes) -> Parcel:
    """Unpickle the parcel of a row.

    Args:
        row: Value of `COLUMN`; it comes from this software's own workers.
    """
    parcel: Parcel = pickle.loads(row)  # noqa: S301
    return parcel


def stage(block: pa.Table, work: Callable[[Any], Iterable[object]]) -> Iterator[pa.Table]:
    """Apply a stage to the parcel of a block; errors and the last parcel pass through.

    Args:
        block: A block of one row.
        work: Turns the content into that of one or more parcels.
    """
    parcel = unpacked(block.column(COLUMN)[0].as_py())
    if parcel.content is None or isinstance(parcel.content, SearchAppError):
        yield block
        return
    try:
        for content in work(parcel.content):
            yield packed(replace(parcel, content=content))
    except SearchAppError as error:
        yield packed(replace(parcel, content=error))
