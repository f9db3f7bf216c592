"""Reading the files of tasks, line by line, with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from searchapp.datatypes import Qrels
from searchapp.errors import InputError
from searchapp.files.encodings import open_text
from searchapp.files.json_lines import BadRow, parse_json
from searchapp.files.opening import read_whole
from searchapp.text.normalise import normalize

MAX_JSON = 512 * 2**20
"""Bytes of the largest JSON file that is read whole."""


def existing(path: Path, *, what: str) -> Path:
    """Return `path`, or the same name with `.gz`; raises InputError when neither is there."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.is_file():
            return candidate
    raise InputError(f"there is no such file; expected {what}", path=path)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read every line that is not blank.

    Args:
        path: A text file, plain or packed.

    Yields:
        The 1-based line and its text.

    Raises:
        InputError: The file cannot be read, or a line is not of its encoding.
    """
    with open_text(path) as opened:
        for number, raw in enumerate(opened.file.stream, start=1):
            try:
                text = raw.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"not {opened.encoding.upper()} ({error.reason} at byte {error.start})", path=path, line=number
                ) from error
            if text.strip():
                yield number, text


def json_file(path: Path) -> Any:
    """Parse a whole JSON file, plain or packed.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read, is no JSON, or is larger than MAX_JSON.
    """
    found = parse_json(read_whole(path, limit=MAX_JSON).removeprefix(b"\xef\xbb\xbf"))
    if isinstance(found, BadRow):
        raise InputError(f"not readable as JSON ({found.reason})", path=path)
    return found


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
