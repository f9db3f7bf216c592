"""Read all points of a store in the form in which they were written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from searchapp.datatypes import SparseVector
from searchapp.stores.base import Point, Store

PAGE = 256
"""Points read at a time; each may have 65,000 characters of metadata."""


def all_points(store: Store) -> Iterator[Sequence[Point]]:
    """Read all points with their vectors in id order, a page at a time.

    Args:
        store: The store; it must not be written to during the copy.
    """
    offset = None
    while True:
        found, offset = store.scroll(limit=PAGE, offset=offset, with_vectors=True)
        yield [
            Point(
                id=point.id,
                dense=point.dense,
                sparse=point.sparse or SparseVector(),
                payload=point.payload,
                debiased=point.debiased,
            )
            for point in found
            if point.dense is not None
        ]
        if offset is None:
            return
