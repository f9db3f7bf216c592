"""Read what the files of tasks share: judgements, texts, and files that may be compressed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from searchapp.datatypes import Qrels
from searchapp.errors import InputError
from searchapp.files.text_lines import read_lines
from searchapp.text.normalise import normalize

QRELS_COLUMNS = (
    ("query-id", "qid", "query", "topic"),
    ("corpus-id", "pid", "docid", "doc-id", "passage-id", "document"),
    ("score", "relevance", "rel", "label", "judgement"),
)
"""Names of the columns of query, passage and relevance in judgement files with a header."""


def existing(path: Path, *, what: str) -> Path:
    """Find a file under its name, or under the same name with `.gz`.

    Args:
        path: Path without `.gz`.
        what: What the file should contain, for the message.

    Raises:
        InputError: Neither exists.
    """
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.is_file():
            return candidate
    raise InputError(f"there is no such file; expected {what}", path=path)


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
    for number, text in read_lines(path):
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
    """Return a text field of a row, normalised like all queries and passages.

    Args:
        row: Fields of the row.
        name: Name of the field.
        path: File that the row is from, for messages.
        line: Number of its line, for messages.

    Raises:
        InputError: The field is missing or not text.
    """
    value = row.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name!r} is {type(value).__name__}, expected text", path=path, line=line)
    return normalize(value)
