"""Write the points of a version and count them by language, starting from nothing or from a copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from importlib.metadata import version as package_version

from index_builder.finishing import digest_of
from searchapp.datatypes import passage_id
from searchapp.stores.base import Point, ScoredPoint, Store
from searchapp.stores.build_record import DebiasRecord
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import VersionName
from searchapp.stores.payload import Payload, language_of

AHEAD = 64
"""Passages of a document that are looked up at a time."""


@dataclass(slots=True)
class Content:
    """The points of a version that is being written.

    Attributes:
        store: The version's store, open for writing.
        points: Current number of points.
        languages: Number of points by language.
        replaces: Whether a point may already exist, as in a copy of another version.
    """

    store: Store
    points: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    replaces: bool = False

    @classmethod
    def copied(cls, store: Store, origin: Manifest) -> Content:
        """Start with a copy of a version.

        Args:
            store: Open store of the copy.
            origin: The manifest of the version.
        """
        return cls(store, origin.points, Counter(origin.languages), replaces=True)

    def upsert(self, points: Sequence[Point]) -> None:
        """Write the passages of documents; delete the surplus passages of their earlier forms.

        Args:
            points: Passages in the order of their documents; a long document may continue in the next call.
        """
        if self.replaces:
            self._forget(self.store.retrieve([point.id for point in points]))
        self.store.upsert(points)
        self.points += len(points)
        self.languages.update(language_of(point.payload) for point in points)
        if self.replaces:
            ends = {(payload := Payload.read(point.payload)).document_id: payload.index + 1 for point in points}
            for document_id, end in ends.items():
                self.remove(document_id, start=end)

    def count(self, languages: Mapping[str, int]) -> None:
        """Count points that workers wrote.

        Args:
            languages: Number of points by language.
        """
        self.points += sum(languages.values())
        self.languages.update(languages)

    def remove(self, document_id: str, *, start: int = 0) -> int:
        """Delete the passages of a document and count them.

        Args:
            document_id: Id of the document; a missing document has no passages.
            start: Index of the first passage to delete; indexes have no gaps.
        """
        removed = 0
        while True:
            first = start + removed
            found = self.store.retrieve([passage_id(document_id, index) for index in range(first, first + AHEAD)])
            if not found:
                return removed
            self._forget(found)
            self.store.delete([point.id for point in found])
            removed += len(found)

    def manifest(self, origin: Manifest, *, version: VersionName, source: str, debias: DebiasRecord | None) -> Manifest:
        """Create the manifest of a version that started as a copy.

        Args:
            origin: Manifest of the copied version.
            version: Name of the new version.
            source: Digest of what was added or removed.
            debias: The debias transform, or None.
        """
        return replace(
            origin,
            version=version,
            points=self.points,
            languages=dict(self.languages.most_common()),
            source=digest_of(f"{origin.source}\0{source}"),
            configuration=replace(origin.configuration, changes=origin.configuration.changes + 1),
            debias=debias,
            created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            software=package_version("searchapp"),
        )

    def _forget(self, points: Sequence[ScoredPoint]) -> None:
        self.points -= len(points)
        self.languages.subtract(language_of(point.payload) for point in points)
        self.languages = +self.languages  # drop languages without points
