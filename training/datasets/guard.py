"""Reject training rows that overlap an evaluation set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray

from searchapp.errors import InputError
from searchapp.files.encodings import open_text
from searchapp.files.json_file import read_json
from searchapp.files.json_lines import BadRow, scan_json_lines
from searchapp.files.parquet import parquet_rows
from searchapp.files.text_lines import read_lines
from training.columns import GROUP, METADATA
from training.datasets.row_dataset import coded_column
from training.datasets.sequences import KnownSequences

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Overlap:
    """A row that shares a sequence with an evaluation set.

    Attributes:
        row: Index of the row in the dataset.
        column: Column of the overlapping text.
        group: Group of the row.
        text: The overlapping text.
    """

    row: int
    column: str
    group: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return {"row": self.row, "column": self.column, "group": self.group, "text": self.text}


class OverlapGuard:
    """Detects texts that share sequences with an evaluation set.

    Args:
        texts: All texts of the evaluation set: questions, passages and contexts.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._known = KnownSequences(texts)

    @classmethod
    def from_folder(cls, folder: Path) -> OverlapGuard:
        """Read all texts of a folder's .json, .jsonl, .tsv and .parquet files, whatever their layout.

        Args:
            folder: Folder of the evaluation set, read with its subfolders.

        Raises:
            InputError: The folder does not exist or contains no text.
        """
        if not folder.is_dir():
            raise InputError("there is no such folder; expected an evaluation set's", path=folder)
        guard = cls(_texts(folder))
        if not len(guard._known):
            raise InputError(
                "no text long enough to compare in its .json, .jsonl, .tsv and .parquet files", path=folder
            )
        return guard

    def knows(self, text: str) -> bool:
        """Return whether a text shares a sequence with the evaluation set; for many texts use `overlapping`.

        Args:
            text: Text to compare; one shorter than a sequence is never known.
        """
        return bool(self.overlapping([text])[0])

    def overlapping(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Return which texts share a sequence with the evaluation set: (texts,).

        Args:
            texts: Texts to compare; may be empty.
        """
        return self._known.found_in(texts)

    def overlaps(self, rows: Dataset) -> list[Overlap]:
        """List the rows of a dataset that share a sequence with the evaluation set, one entry per row.

        Args:
            rows: Rows to examine; every column with text is compared, metadata is not.
        """
        columns = [name for name in rows.column_names if name not in METADATA and _holds_text(rows, name)]
        table = rows.with_format("arrow")[:]
        found: dict[int, Overlap] = {}
        for column in columns:
            # Passages and translations occur in many rows: check each once.
            of_row, distinct = coded_column(table, column)
            for row in np.flatnonzero(self.overlapping(distinct)[of_row]).tolist():
                if row not in found:
                    group = str(table[GROUP][row].as_py()) if GROUP in table.column_names else ""
                    found[row] = Overlap(row=row, column=column, group=group, text=distinct[of_row[row]])
        return [found[row] for row in sorted(found)]

    def refuse(self, rows: Dataset, *, name: str) -> None:
        """Raise an error if rows overlap the evaluation set.

        Args:
            rows: Rows to examine.
            name: Name of the rows in the message.
        """
        if found := self.overlaps(rows):
            shown = "; ".join(f"row {o.row} ({o.group}, {o.column}): {o.text[:80]!r}" for o in found[:SHOWN])
            more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            raise InputError(
                f"{name}: {len(found)} of {len(rows)} rows share eight words in a row with the evaluation set: "
                f"{shown}{more}. "
                'Remove them, or set on_overlap = "drop" to train without them'
            )

    def drop(self, rows: Dataset) -> tuple[Dataset, list[Overlap]]:
        """Remove the overlapping rows and return them separately.

        Args:
            rows: Rows to examine.
        """
        found = self.overlaps(rows)
        out = {overlap.row for overlap in found}
        return rows.select(np.setdiff1d(np.arange(len(rows)), sorted(out))) if out else rows, found


def _holds_text(rows: Dataset, column: str) -> bool:
    return len(rows) > 0 and isinstance(rows[0][column], str)


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            yield from _strings(read_json(path))
        elif path.suffix == ".jsonl":
            with open_text(path) as file:
                yield from _row_strings(scan_json_lines(file), path=path)
        elif path.suffix == ".tsv":
            yield from (cell for _, line in read_lines(path) for cell in line.split("\t"))
        elif path.suffix == ".parquet":
            yield from _row_strings(((row, value) for row, value, _ in parquet_rows(path)), path=path)


def _row_strings(rows: Iterable[tuple[int, object]], *, path: Path) -> Iterator[str]:
    for number, value in rows:
        if isinstance(value, BadRow):
            raise InputError(value.reason, path=path, line=number)
        yield from _strings(value)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
