"""Count what a build does while it runs, and report it at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index_builder.journal import Segment
from searchapp.datatypes import Progress
from searchapp.stores.base import Point

SAMPLES = 8


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        reused: Passages whose embeddings came from the previous version.
        resumed: Passages that an interrupted build had already finished.
        reasons: Number of rejected rows by reason.
        rejects_path: File of the rejected rows; None if there are none.
        debias: Name of the transform applied to the new version's vectors; empty if there is none.
        notes: Notes for the user, such as that a transform could not be kept.
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
        """Compute the passages per second over the whole build."""
        return self.passages / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Totals:
    """Running totals over the segments of a build.

    Attributes:
        rows: Items read from the source.
        items: Items in finished segments: indexed documents and rejected rows.
        started: Passages of the next document that are already in the store.
        samples: Points with which the finished version is tested.
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
        """Add a segment that was written to the store.

        Args:
            segment: Segment whose documents, passages and rejects are counted.
        """
        self.items += segment.items
        self.started = segment.started
        self.documents += segment.documents
        languages = segment.languages
        self.points += languages.total()
        self.rejected += len(segment.rejects)
        self.reused += segment.reused
        self.languages.update(languages)
        if segment.points and len(self.samples) < SAMPLES:
            self.samples.append(segment.points[len(segment.points) // 2])

    def progress(self, stage: str, fraction: float | None) -> Progress:
        """Return the progress of the build.

        Args:
            stage: Name of the current stage, for people.
            fraction: Share of the source that was read, in [0, 1]; None if unknown.
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
        """Create the report of a finished build.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            reasons: Number of rejected rows by reason.
            rejects_path: File of the rejected rows.
            begun: Start of the build by `time.perf_counter()`, in seconds.
            debias: Name of the transform that was applied; empty if there is none.
            notes: Notes for the user.
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
