"""Reading the files of tasks, line by line, with errors that name the line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from searchapp.datatypes import Qrels
from searchapp.errors import InputError
from searchapp.text.normalise import normalize


def existing(path: Path, *, what: str) -> Path:
    """Return `path`, or the same name with `.gz`; raises InputError when neither is there."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.is_file():
            return candidate
    raise InputError(f"there is no such file; expected {what}", path=path)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of every line that is not blank; reads gzip; raises InputError on anything but UTF-8."""
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, start=1):
                try:
                    text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError as error:
                    raise InputError(
                        f"not UTF-8 ({error.reason} at byte {error.start})", path=path, line=number
                    ) from error
                if text.strip():
                    yield number, text
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from error


def json_lines(path: Path, *, fields: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and object of every line of a JSONL file; each must hold all `fields`."""
    for number, text in lines(path):
        try:
            row = json.loads(text)
        except ValueError as error:
            raise InputError(f"not JSON ({error})", path=path, line=number) from error
        missing = [name for name in fields if name not in row] if isinstance(row, dict) else fields
        if missing:
            found = f"an object with {', '.join(sorted(row)) or 'nothing'}" if isinstance(row, dict) else repr(row)[:80]
            raise InputError(f"{found}; expected an object with {', '.join(fields)}", path=path, line=number)
        yield number, row


def json_file(path: Path) -> Any:
    """Parse a whole JSON file."""
    try:
        with _open(path) as file:
            return json.load(file)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"not readable as JSON ({error})", path=path) from error


def table(path: Path, *, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every line of a tab-separated file; the last cell keeps further tabs."""
    for number, text in lines(path):
        cells = text.split("\t", columns - 1)
        if len(cells) < columns:
            raise InputError(
                f"{len(cells)} tab-separated cells, expected {columns}: {text[:80]!r}", path=path, line=number
            )
        yield number, cells


def read_qrels(path: Path) -> Qrels:
    """Read qrels: TREC's `qid 0 pid relevance` or BEIR's `query-id corpus-id score`; a header line is skipped."""
    qrels: Qrels = {}
    for number, text in lines(path):
        cells = text.split("\t") if "\t" in text else text.split()
        if len(cells) not in (3, 4):
            raise InputError(
                f"{len(cells)} cells, expected qid, (0,) pid, relevance: {text[:80]!r}", path=path, line=number
            )
        qid, pid, relevance = cells[0], cells[-2], cells[-1]
        try:
            value = int(relevance)
        except ValueError as error:
            if number == 1:
                continue
            raise InputError(f"relevance {relevance!r} is not a whole number", path=path, line=number) from error
        qrels.setdefault(qid.strip(), {})[pid.strip()] = value
    if not qrels:
        raise InputError("no judgements in this file; expected lines of qid, (0,) pid, relevance", path=path)
    return qrels


def text_of(row: dict[str, Any], name: str, *, path: Path, line: int) -> str:
    """One text field of a row, normalised as queries and passages are everywhere."""
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name!r} is {type(value).__name__}, expected text", path=path, line=line)
    return normalize(value)


def _open(path: Path) -> gzip.GzipFile | IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
