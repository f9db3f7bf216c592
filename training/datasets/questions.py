"""Read questions and passages from a Parquet file with `source`, `lang`, `question`, `passage`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset

from searchapp.files.parquet import read_table
from training.datasets.rows import RowBuilder

PASSAGE_CHARACTERS = 1500


def read_questions(
    path: Path, *, sources: Sequence[str] = (), languages: Sequence[str] = (), characters: int = PASSAGE_CHARACTERS
) -> Dataset:
    """Read same-language pairs. Questions on the same passage share a group, because it answers each of them.

    Args:
        path: A Parquet file of questions and passages.
        sources: Sources to keep; empty for all.
        languages: Languages to keep, BCP 47; empty for all.
        characters: Maximum length of passages in characters; longer ones are truncated.

    Raises:
        InputError: The file or one of its columns is missing, or no row is left.
    """
    table = read_table(path, ("source", "lang", "question", "passage"), sources=sources, languages=languages)
    builder = RowBuilder("questions")
    passages: dict[tuple[str, str], int] = {}
    for row in table.to_pylist():
        passage = row["passage"][:characters]
        number = passages.setdefault((row["lang"], passage), len(passages))
        builder.source = row["source"]
        builder.add(row["question"], passage, languages=(row["lang"], row["lang"]), group=f"passage {number}")
    return builder.dataset(path)
