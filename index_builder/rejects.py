"""Set aside rows that cannot be indexed, with file, line and reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from searchapp.stores.names import CollectionName, VersionName

RAW = 500
"""Characters of the row to keep."""


def rejects_folder(work: Path, collection: CollectionName) -> Path:
    """Return the folder of a collection's rejects files, which is deleted with the collection.

    Args:
        work: Folder of journals, locks and rejects.
        collection: Name of the collection.
    """
    return work / "rejects" / collection


def rejects_path(work: Path, collection: CollectionName, version: VersionName) -> Path:
    """Return the file for the rows that one build could not index.

    Args:
        work: Folder of journals, locks and rejects.
        collection: Name of the collection.
        version: Name of the version being built.
    """
    return rejects_folder(work, collection) / f"{version}.jsonl"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be indexed.

    Attributes:
        path: File of the row, for messages.
        line: 1-based line or row; 0 for the file as a whole.
        reason: What was found and what was expected.
        kind: A short fixed description, for counting.
        raw: The beginning of the row.
    """

    path: str
    line: int
    reason: str
    kind: str
    raw: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Convert the reject to JSON values."""
        return {**asdict(self), "raw": self.raw[:RAW]}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Reject:
        """Create a reject from the values of `to_dict`.

        Args:
            record: JSON object read from a rejects file.
        """
        return cls(**record)


class RejectsWriter:
    """Writes rejects as JSON lines. The file is created with the first one.

    Args:
        path: File to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._counts: Counter[str] = Counter()
        self._file: IO[str] | None = None

    @property
    def reasons(self) -> dict[str, int]:
        """Count the rejects by kind, most frequent first."""
        return dict(self._counts.most_common())

    def write(self, reject: Reject) -> None:
        """Write one reject.

        Args:
            reject: Row or file that could not be indexed.
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
