"""Read Tevatron's JSON lines: `query_id`, `query`, `positive_passages`, `negative_passages`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasets import Dataset

from searchapp.files.json_lines import read_json_lines
from training.datasets.jsonl import missing
from training.datasets.languages import LanguageOf
from training.datasets.rows import RowBuilder


def read_tevatron(path: Path, *, source: str, language_of: LanguageOf, negatives: int = 0) -> Dataset:
    """Read one row per positive passage, its title before its text; all rows of a query share a group.

    Args:
        path: The file, one JSON object per line.
        source: Name of the source, stored with the rows and used as the prefix of their groups.
        language_of: Determines the language of a text.
        negatives: Hard negatives per row. Rows with fewer are left out, additional ones are dropped.

    Raises:
        InputError: A line lacks query or positive passages; the message names it.
    """
    builder = RowBuilder(source, negatives=negatives)
    for number, row in read_json_lines(path):
        query, positives = row.get("query"), row.get("positive_passages")
        if not isinstance(query, str) or not isinstance(positives, list) or not positives:
            raise missing(row, "query and positive_passages", path=path, line=number)
        hard = [_text(passage) for passage in row.get("negative_passages") or []]
        for passage in positives:
            text = _text(passage)
            builder.add(
                query,
                text,
                languages=(language_of(query), language_of(text)),
                group=str(row.get("query_id", f"line {number}")),
                negatives=hard,
            )
    return builder.dataset(path)


def _text(passage: Any) -> str:
    if not isinstance(passage, dict):
        return str(passage)
    title, text = str(passage.get("title") or "").strip(), str(passage.get("text") or "")
    return f"{title} {text}" if title else text
