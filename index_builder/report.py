"""The account of a build: running totals while it works, a report at its end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index_builder.journal import Segment
from searchapp.datatypes import Progress
from searchapp.stores.base import Point
from searchapp.stores.payload import language_of

SAMPLES = 8


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        reused: Passages whose embeddings came from the version before.
        resumed: Passages that an interrupted build had already finished.
        reasons: Rejected rows by reason.
        rejects_path: Where they are; None when there are none.
        debias: Name of the transform that was applied to the new version's vectors; empty when there is none.
        notes: What the user should know, such as a transform that could not be kept.
    """

    collection: str
    version: str
    documents: int
    passages: int
    rejected: int
    reused: int
    resumed: int
    languages: Mapping[str, int]
    reasons: Mapping[str, int]
    rejects_path: str | None
    seconds: float
    debias: str = ""
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Divide the passages by the seconds of the whole build."""
        return self.passages / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Totals:
    """Running sums over the segments of one build.

    Attributes:
        rows: What the source gave, counted where it is read.
        items: What the segments account for: documents that are indexed and rows that were rejected.
        started: Passages of the document after these that are in the store already.
        samples: Points by which the finished version is tried.
    """

    rows: int = 0
    items: int = 0
    started: int = 0
    documents: int = 0
    points: int = 0
    rejected: int = 0
    reused: int = 0
    resumed: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    samples: list[Point] = field(default_factory=list)

    def add(self, segment: Segment) -> None:
        """Add a segment that is in the store.

        Args:
            segment: The segment.
        """
        self.items += segment.items
        self.started = segment.started
        self.documents += segment.documents
        self.points += len(segment.points)
        self.rejected += len(segment.rejects)
        self.reused += segment.reused
        self.languages.update(language_of(point.payload) for point in segment.points)
        if segment.points and len(self.samples) < SAMPLES:
            self.samples.append(segment.points[len(segment.points) // 2])

    def progress(self, stage: str, fraction: float | None) -> Progress:
        """Tell how far the build has come.

        Args:
            stage: What it is doing now.
            fraction: Share of the source that is read, in [0, 1]; None when it cannot be told.
        """
        counts = {"documents": self.documents, "passages": self.points}
        return Progress(stage, fraction, counts if not self.rejected else {**counts, "rejected": self.rejected})

    def report(
        self,
        collection: str,
        version: str,
        *,
        reasons: Mapping[str, int],
        rejects_path: Path,
        begun: float,
        debias: str = "",
        notes: tuple[str, ...] = (),
    ) -> BuildReport:
        """Make the account of a build that is live.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            reasons: Rejected rows by reason.
            rejects_path: Where they are.
            begun: When the build began, by `time.perf_counter()`, in seconds.
            debias: Name of the transform that was applied; empty when there is none.
            notes: What the user should know.
        """
        return BuildReport(
            collection=collection,
            version=version,
            documents=self.documents,
            passages=self.points,
            rejected=self.rejected,
            reused=self.reused,
            resumed=self.resumed,
            languages=dict(self.languages.most_common()),
            reasons=dict(reasons),
            rejects_path=str(rejects_path) if self.rejected else None,
            seconds=time.perf_counter() - begun,
            debias=debias,
            notes=notes,
        )
