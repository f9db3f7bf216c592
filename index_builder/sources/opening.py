"""From a path (or dataset name) to a source, by format or by looking."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import zstandard

from index_builder.sources.base import Columns, Source
from index_builder.sources.zstd_file import ZstdFile
from searchapp.errors import InputError

FORMATS = ("jsonl", "csv", "parquet", "beir", "squad", "folder", "hf")
MAX_LINE = 8 * 2**20
"""Longest line of a JSON-lines file, in bytes."""

_SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError)
"""What reading a broken compressed file raises."""


@contextmanager
def open_bytes(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file, unpacking gzip and zstd by their first bytes, whatever its name says.

    Yields:
        The content, and the file on disk, whose position says how far the reading is.

    Raises:
        InputError: The file is missing or unreadable.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror}); check the path", path=path) from error
    with raw:
        magic = raw.read(4)
        raw.seek(0)
        if magic[:2] == b"\x1f\x8b":
            with gzip.open(raw) as unpacked:
                yield cast(IO[bytes], unpacked), raw
        elif magic == b"\x28\xb5\x2f\xfd":
            yield io.BufferedReader(ZstdFile(raw)), raw
        else:
            yield raw, raw


def open_source(path: str, *, format: str | None = None, columns: Columns | None = None) -> Source:  # noqa: A002
    """Open a source.

    Args:
        path: A file, a folder, or with format `hf` a dataset's name.
        format: One of FORMATS; None to tell by the name and the content.
        columns: Field names, for formats that have fields.

    Raises:
        InputError: The path does not exist, or its format is unknown.
    """
    if format is not None and format not in FORMATS:
        raise InputError(f"unknown format {format!r}; use one of {', '.join(FORMATS)}", path=path)
    where = Path(path).expanduser()
    if format != "hf" and not where.exists():
        raise InputError("no such file or folder (a dataset's name needs --format hf)", path=path)
    return _make(format or guess_format(where), path, where, columns or Columns())


def guess_format(path: Path) -> str:
    """Tell the format of an existing path; raises InputError when nothing fits."""
    if path.is_dir():
        if any(path.glob("corpus.jsonl*")):
            return "beir"
        if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
            return "hf"
        first = next(iter(sorted(path.glob("*.json"))), None)
        return "squad" if first is not None and _looks_like_squad(first) else "folder"
    suffixes = [suffix for suffix in path.suffixes if suffix not in (".gz", ".zst", ".zstd")]
    if suffixes and suffixes[-1].lower() in _SUFFIXES:
        return _SUFFIXES[suffixes[-1].lower()]
    if suffixes and suffixes[-1].lower() == ".json":
        return "jsonl" if _first_line_is_a_row(path) else "squad"
    with open_bytes(path) as (file, _):
        head = file.read(4)
    if head == b"PAR1":
        return "parquet"
    if head[:1] == b"{":
        return "jsonl"
    raise InputError(f"unknown format; name it with --format: {', '.join(FORMATS)}", path=path)


def _first_line_is_a_row(path: Path) -> bool:
    """JSON lines often bear the name of JSON: told by a first line that is an object of its own."""
    try:
        with open_bytes(path) as (file, _):
            row = json.loads(file.readline(MAX_LINE))
    except (ValueError, RecursionError, *DAMAGED):
        return False
    return isinstance(row, dict) and not isinstance(row.get("data"), list)


def _looks_like_squad(path: Path) -> bool:
    try:
        with open_bytes(path) as (file, _):
            return isinstance(json.load(file).get("data"), list)
    except (ValueError, AttributeError, *DAMAGED):
        return False


def _make(kind: str, path: str, where: Path, columns: Columns) -> Source:
    if kind == "jsonl":
        from index_builder.sources.jsonl import JsonlSource

        return JsonlSource(where, columns)
    if kind == "csv":
        from index_builder.sources.csv_file import CsvSource

        return CsvSource(where, columns)
    if kind == "parquet":
        from index_builder.sources.parquet import ParquetSource

        return ParquetSource(where, columns)
    if kind == "beir":
        from index_builder.sources.beir import beir_source

        return beir_source(where, columns)
    if kind == "squad":
        from index_builder.sources.squad import SquadSource

        return SquadSource(where)
    if kind == "folder":
        from index_builder.sources.folder import FolderSource

        return FolderSource(where)
    from index_builder.sources.hf import HubSource

    return HubSource(path, columns)
