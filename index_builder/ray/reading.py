"""Read a source on the driver's node as a stream of blocks, with the readers of every build."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask

from index_builder.batches import FIRST, GROUP_CHARACTERS, size_of_metadata
from index_builder.ray.parcels import Parcel, packed
from index_builder.rejects import Reject
from index_builder.sources.base import Source
from searchapp.datatypes import Document
from searchapp.errors import SearchAppError


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive items that are cut together.

    Attributes:
        items: The items.
        started: Passages of the first document that an interrupted build already finished.
    """

    items: list[Document | Reject] = field(default_factory=list)
    started: int = 0


class SourceBlocks(Datasource):  # type: ignore[misc]
    """Streams a source into a dataset: one task reads it in order, because its rows depend on those before them.

    Args:
        source: The source, which is copied to the task.
        skip: Items that an interrupted build finished.
        started: Passages of the next document that it finished.
        most: Maximum items of a block; the first ones have fewer, so that all workers soon have something to do.
    """

    def __init__(self, source: Source, *, skip: int, started: int, most: int) -> None:
        super().__init__()
        self._source, self._skip, self._started, self._most = source, skip, started, most
        self._folder = Path.cwd()

    def estimate_inmemory_data_size(self) -> int | None:
        """Return None: the size of a stream is unknown."""
        return None

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        """Create the one task.

        Args:
            parallelism: Ignored.
            per_task_row_limit: Ignored.
            data_context: Ignored.
        """
        unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(self._blocks, unknown)]

    def _blocks(self) -> Iterator[Any]:
        os.chdir(self._folder)  # the source's path may be relative to it
        rows = self._skip
        started = self._started
        try:
            items = islice(iter(self._source), self._skip, None)
            for group in groups(items, most=self._most):
                rows += len(group)
                yield packed(Parcel(Group(group, started), rows, self._source.fraction(rows)))
                started = 0
            yield packed(Parcel(None, rows, 1.0))
        except SearchAppError as error:
            yield packed(Parcel(error, rows, None))


def groups(items: Iterable[Document | Reject], *, most: int) -> Iterator[list[Document | Reject]]:
    """Collect items into lists of limited length and size.

    Args:
        items: The items.
        most: Maximum items of a list. The first lists have fewer, each up to twice as many as the one before.
    """
    group: list[Document | Reject] = []
    length, characters = min(FIRST, most), 0
    for item in items:
        group.append(item)
        characters += len(item.text) + size_of_metadata(item) if isinstance(item, Document) else 0
        if len(group) >= length or characters > 4 * GROUP_CHARACTERS:
            yield group
            group, length, characters = [], min(2 * length, most), 0
    if group:
        yield group
