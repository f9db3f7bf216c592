"""Rows that could not be indexed: set aside with file, line and reason, never lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from searchapp.stores.names import CollectionName, VersionName

RAW = 500
"""Characters of the row that are kept."""


def rejects_folder(work: Path, collection: CollectionName) -> Path:
    """Give the folder of a collection's rejects files; it goes when the collection is deleted.

    Args:
        work: Folder of journals, locks and rejects.
        collection: The collection.
    """
    return work / "rejects" / collection


def rejects_path(work: Path, collection: CollectionName, version: VersionName) -> Path:
    """Give the file of the rows that one build could not index.

    Args:
        work: Folder of journals, locks and rejects.
        collection: The collection.
        version: The version that the build makes.
    """
    return rejects_folder(work, collection) / f"{version}.jsonl"


@dataclass(frozen=True, slots=True)
class Reject:
    """One bad row.

    Attributes:
        path: The file.
        line: 1-based line or row, 0 when it is the file as a whole.
        reason: What was found and what was expected.
        kind: The same in a few fixed words, to count by.
        raw: The beginning of the row.
    """

    path: str
    line: int
    reason: str
    kind: str
    raw: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Turn the reject into what JSON can hold."""
        return {**asdict(self), "raw": self.raw[:RAW]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Reject:
        """Read what `to_dict` gave.

        Args:
            record: The JSON object.
        """
        return cls(**record)


class RejectsWriter:
    """Writes rejects as JSON lines; the file is made with the first of them.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._counts: Counter[str] = Counter()
        self._file: IO[str] | None = None

    @property
    def reasons(self) -> dict[str, int]:
        """Count the rejects by kind, the most frequent first."""
        return dict(self._counts.most_common())

    def write(self, reject: Reject) -> None:
        """Write one reject.

        Args:
            reject: The reject.
        """
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace")
        self._counts[reject.kind] += 1
        self._file.write(json.dumps(reject.to_dict(), ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
