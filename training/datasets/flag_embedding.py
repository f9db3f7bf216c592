"""Read FlagEmbedding's JSON lines: `query`, a list `pos`, a list `neg`."""

from __future__ import annotations

from pathlib import Path

from datasets import Dataset

from searchapp.files.json_lines import read_json_lines
from training.datasets.jsonl import missing
from training.datasets.languages import LanguageOf
from training.datasets.rows import RowBuilder


def read_flag_embedding(path: Path, *, source: str, language_of: LanguageOf, negatives: int = 0) -> Dataset:
    """Read one row per positive; all rows of a line share a group.

    Args:
        path: The file, one JSON object per line.
        source: Name of the source, stored with the rows and used as the prefix of their groups.
        language_of: Determines the language of a text.
        negatives: Hard negatives per row. Rows with fewer are left out, additional ones are dropped.

    Raises:
        InputError: A line lacks query or pos; the message names it.
    """
    builder = RowBuilder(source, negatives=negatives)
    for number, row in read_json_lines(path):
        query, positives, hard = row.get("query"), row.get("pos"), row.get("neg") or []
        if not isinstance(query, str) or not isinstance(positives, list) or not positives:
            raise missing(row, "query, pos and neg", path=path, line=number)
        for positive in positives:
            builder.add(
                query,
                str(positive),
                languages=(language_of(query), language_of(str(positive))),
                group=f"line {number}",
                negatives=[str(text) for text in hard],
            )
    return builder.dataset(path)
