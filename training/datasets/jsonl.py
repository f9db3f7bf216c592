"""Read JSON lines with `anchor`, `positive` and optionally `negative`, `group` and languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasets import Dataset

from searchapp.errors import InputError
from searchapp.files.json_lines import read_json_lines
from training.datasets.languages import LanguageOf
from training.datasets.rows import RowBuilder


def read_jsonl(path: Path, *, source: str, language_of: LanguageOf, negatives: int = 0) -> Dataset:
    """Read pairs, or without `positive` single sentences (`anchor`, or `text`) for SimCSE.

    `negative` is a text or a list of texts. `group` marks rows that are translations of each other or about the same
    item; without it each row is its own group. `language`, or `query_language` and `passage_language`, override
    detection.

    Args:
        path: The file, one JSON object per line.
        source: Name of the source, stored with the rows and used as the prefix of their groups.
        language_of: Determines the language of a text.
        negatives: Hard negatives per row. Rows with fewer are left out, additional ones are dropped.

    Raises:
        InputError: A line is not an object with these keys; the message names the line.
    """
    builder = RowBuilder(source, negatives=negatives)
    for number, row in read_json_lines(path):
        anchor = row.get("anchor", row.get("text"))
        positive = row.get("positive")
        if not isinstance(anchor, str) or not (positive is None or isinstance(positive, str)):
            raise missing(row, "anchor and positive", path=path, line=number)
        given = row.get("negative", [])
        builder.add(
            anchor,
            positive,
            languages=(
                language_of(anchor, row.get("query_language", row.get("language"))),
                language_of(positive or anchor, row.get("passage_language", row.get("language"))),
            ),
            group=str(row.get("group", f"line {number}")),
            negatives=[given] if isinstance(given, str) else list(given),
        )
    return builder.dataset(path)


def missing(row: dict[str, Any], expected: str, *, path: Path, line: int) -> InputError:
    """Create the error for a row without the required keys.

    Args:
        row: The row as it was read.
        expected: Keys that the row must have, for the message, such as `anchor and positive`.
        path: File of the row.
        line: Number of its line, from 1.
    """
    return InputError(f"a row with {', '.join(row) or 'no keys'}; expected text under {expected}", path=path, line=line)
