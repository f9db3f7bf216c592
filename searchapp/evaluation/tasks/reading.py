"""Read the files of tasks line by line, with errors that give the line."""

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

QRELS_COLUMNS = (
    ("query-id", "qid", "query", "topic"),
    ("corpus-id", "pid", "docid", "doc-id", "passage-id", "document"),
    ("score", "relevance", "rel", "label", "judgement"),
)
"""Names of the columns of query, passage and relevance in judgement files with a header."""

MAX_JSON = 512 * 2**20
"""Maximum size in bytes of a JSON file that is read whole."""


def existing(path: Path, *, what: str) -> Path:
    """Return `path`, or the same name with `.gz`. Raises InputError if neither exists."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.is_file():
            return candidate
    raise InputError(f"there is no such file; expected {what}", path=path)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read every line that is not blank.

    Args:
        path: A text file, plain or compressed.

        ds:
        The 1-based line number and the text.

    Raises:
        InputError: The file cannot be read, or a line is not in its encoding.
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
    """Parse a whole JSON file, plain or compressed.

    Args:
        path: The file.

    Raises:
        InputError: The file cannot be read, is not JSON, or is larger than MAX_JSON.
    """
    found = parse_json(read_whole(path, limit=MAX_JSON).removeprefix(b"\xef\xbb\xbf"))
    if isinstance(found, BadRow):
        raise InputError(f"not readable as JSON ({found.reason})", path=path)
    return found


def table(path: Path, *, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of every line of a tab-separated file; the last cell keeps further tabs."""
    for number, text in lines(path):
        cells = text.split("\t", columns - 1)
        if len(cells) < columns:
            raise InputError(
                f"{len(cells)} tab-separated cells, expected {columns}: {text[:80]!r}", path=path, line=number
            )
        yield number, cells


def read_qrels(path: Path) -> Qrels:
    """Read judgements: TREC's `qid 0 pid relevance` or BEIR's `query-id corpus-id score`, in the order given by a header.

    A pair that is judged twice keeps the higher relevance, so that no query is lost.

    Args:
        path: The file, plain or compressed.

    Raises:
        InputError: A line is not a judgement, or there is none.
    """
    qrels: Qrels = {}
    places: tuple[int, int, int] | None = None
    for number, text in lines(path):
        cells = [cell.strip() for cell in (text.split("\t") if "\t" in text else text.split())]
        if not qrels and places is None and (named := _header(cells)):
            places = named
            continue
        if places is None and len(cells) not in (3, 4):
            reason = f"{len(cells)} cells, expected qid, (0,) pid, relevance: {text[:80]!r}"
            raise InputError(reason, path=path, line=number)
        if places is not None and len(cells) <= max(places):
            raise InputError(f"{len(cells)} cells, fewer than the header has: {text[:80]!r}", path=path, line=number)
        at = places or (0, len(cells) - 2, len(cells) - 1)
        qid, pid, relevance = (cells[place] for place in at)
        value = _relevance(relevance)
        if value is None:
            if not qrels and number == 1:
                continue  # a header with other names
            raise InputError(f"relevance {relevance!r} is not a whole number", path=path, line=number)
        judged = qrels.setdefault(qid, {})
        judged[pid] = max(value, judged.get(pid, value))
    if not qrels:
        raise InputError("no judgements in this file; expected lines of qid, (0,) pid, relevance", path=path)
    return qrels


def _header(cells: list[str]) -> tuple[int, int, int] | None:
    """Find the columns of query, passage and relevance in a header; None if the line is not a header."""
    names = [cell.lower().replace("_", "-") for cell in cells]
    found = [next((names.index(name) for name in known if name in names), -1) for known in QRELS_COLUMNS]
    return None if -1 in found else (found[0], found[1], found[2])


def _relevance(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else None


def text_of(row: dict[str, Any], name: str, *, path: Path, line: int) -> str:
    """Return a text field of a row, normalised like all queries and passages."""
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name!r} is {type(value).__name__}, expected text", path=path, line=line)
    return normalize(value)
