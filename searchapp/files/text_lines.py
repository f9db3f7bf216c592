"""Read text files and tab-separated tables line by line."""

from __future__ import annotations

from collections.abc import Iterator
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
