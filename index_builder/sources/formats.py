"""Detect the format of a file by name and content, and create the source that reads it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from index_builder.sources.base import ReadOptions, RowSource, Source
from index_builder.sources.csv_file import CsvSource
from index_builder.sources.json_file import JsonArraySource
from index_builder.sources.jsonl import JsonlSource
from index_builder.sources.parquet import ParquetSource
from index_builder.sources.rows import SeenIds
from index_builder.sources.squad import SquadSource
from searchapp.errors import InputError
from searchapp.files.encodings import open_text
from searchapp.files.json_array import HEAD, begins_array, begins_data
from searchapp.files.opening import open_bytes

FORMATS = ("jsonl", "json", "csv", "parquet", "beir", "squad", "folder", "hf")
"""Values of `--format`; `folder` also reads a single text, Markdown, HTML, PDF, Word or zip file."""

SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
"""Suffix -> format of files with rows; a `.json` file's content decides."""

PACKED = (".gz", ".zst", ".zstd")

_ROWS: dict[str, type[RowSource]] = {
    "jsonl": JsonlSource, "json": JsonArraySource, "csv": CsvSource, "parquet": ParquetSource,
}  # fmt: skip


def inner_suffix(name: str) -> str:
    """Return the suffix of the format, in lower case: `.csv` for `a.csv.gz`.

    Args:
        name: Name of a file.
    """
    path = PurePosixPath(name)
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.suffix.lower()


def guess_format(path: Path) -> str:
    """Detect the format of a file with rows.

    Args:
        path: An existing file.

    Raises:
        InputError: The path is not a regular file, or no format fits.
    """
    kind = SUFFIXES.get(inner_suffix(path.name))
    if kind is not None and kind != "json":
        return kind
    with open_bytes(path) as file:
        if file.stream.peek(4)[:4] == b"PAR1":
            return "parquet"
    with open_text(path) as text:
        head = text.file.stream.peek(HEAD)[:HEAD]
    if begins_data(head):
        return "squad"
    if begins_array(head):
        return "json"
    if head.lstrip()[:1] == b"{":
        return "jsonl"
    raise InputError(f"unknown format; name it with --format: {', '.join(FORMATS)}", path=path)


def make_source(
    kind: str,
    file: Path,
    options: ReadOptions,
    *,
    place: str = "",
    language: str | None = None,
    seen: SeenIds | None = None,
) -> Source:
    """Create the source that reads a file of rows.

    Args:
        kind: One of `jsonl`, `json`, `csv`, `parquet`, `squad`.
        file: File to read.
        options: How to read the file.
        place: Name of the file inside a folder, the prefix of the ids.
        language: Language of rows without one.
        seen: Ids of the files read before.
    """
    if kind == "squad":
        return SquadSource(file, options, place=place, language=language, seen=seen)
    return _ROWS[kind](file, options, place=place, language=language, seen=seen)
