"""Read text files and tab-separated tables line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from searchapp.errors import InputError
from searchapp.files.encodings import open_text


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read every line that is not blank.

    Args:
        path: A text file, plain or compressed.

    Yields:
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


def read_cells(path: Path, *, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Read the cells of every line of a tab-separated file.

    Args:
        path: A text file, plain or compressed.
        columns: Cells per line; the last one keeps further tabs.

    Yields:
        The 1-based line number and the cells.

    Raises:
        InputError: The file cannot be read, or a line has fewer cells.
    """
    for number, text in read_lines(path):
        cells = text.split("\t", columns - 1)
        if len(cells) < columns:
            raise InputError(
                f"{len(cells)} tab-separated cells, expected {columns}: {text[:80]!r}", path=path, line=number
            )
        yield number, cells


def read_columns(path: Path, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Read some columns of a tab-separated file whose first line names them.

    Args:
        path: A text file, plain or compressed.
        names: The columns to read.

    Yields:
        The cells of each line, in the order of `names`.

    Raises:
        InputError: The file cannot be read, a column is missing, or a line has too few cells.
    """
    rows = read_lines(path)
    header = next(rows, (1, ""))[1].split("\t")
    if missing := [name for name in names if name not in header]:
        raise InputError(f"no column {', '.join(missing)}; expected {', '.join(names)}", path=path)
    places = [header.index(name) for name in names]
    for number, text in rows:
        cells = text.split("\t")
        if len(cells) <= max(places):
            raise InputError(f"{len(cells)} cells, expected {len(header)}: {text[:80]!r}", path=path, line=number)
        yield tuple(cells[place] for place in places)
