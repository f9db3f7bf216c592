"""Define where the segments of a build come from: threads of this process, or a cluster."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from index_builder.journal import Segment
from index_builder.options import BuildOptions
from index_builder.pipeline import Pipeline
from index_builder.rejects import Reject
from index_builder.sources.base import Source
from searchapp.datatypes import Document
from searchapp.debias.base import DebiasTransform
from searchapp.stores.base import StoreSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is left of a build.

    Attributes:
        source: The source.
        options: Options of the build.
        collection: Name of the collection.
        version: Name of the new version.
        spec: Its layout.
        transform: Debias transform of its points; None if there is none.
        skip: Items that an interrupted build finished.
        started: Passages of the next document that it finished.
        memory: Approximate bytes for passages between reading and writing.
        home: Folder of an embedded catalog; None for a server.
        url: Address at which workers reach the server; None if only this process reaches the catalog.
    """

    source: Source
    options: BuildOptions
    collection: str
    version: str
    spec: StoreSpec
    transform: DebiasTransform | None
    skip: int
    started: int
    memory: int
    home: Path | None
    url: str | None


class Feed(Protocol):
    """The segments of a build, in the order of the source.

    Attributes:
        rows: Rows of the source that were read, with those of an interrupted build; complete after the last segment.
    """

    @property
    def rows(self) -> int: ...

    def fraction(self, items: int) -> float | None:
        """Return the share of the source in its first items, in [0, 1]; None if unknown.

        Args:
            items: Number of items.
        """
        ...

    def segments(self) -> Generator[Segment]: ...


class LocalFeed:
    """Reads the source in this thread and finishes its segments in others. Used once.

    Attributes:
        rows: Rows of the source that were read, with those of an interrupted build.

    Args:
        work: What the build consists of.
        pipeline: The stages.
    """

    def __init__(self, work: Work, pipeline: Pipeline) -> None:
        self._work, self._pipeline = work, pipeline
        self.rows = work.skip

    def fraction(self, items: int) -> float | None:
        """Return the share of the source in its first items.

        Args:
            items: Number of items.
        """
        return self._work.source.fraction(items)

    def segments(self) -> Generator[Segment]:
        """Read the rest of the source and give the finished segments."""
        return self._pipeline.segments(self._counted(), started=self._work.started)

    def _counted(self) -> Iterator[Document | Reject]:
        for item in islice(self._work.source, self._work.skip, None):
            self.rows += 1
            yield item
