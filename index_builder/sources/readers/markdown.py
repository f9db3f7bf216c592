"""Markdown, with its front matter as metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from index_builder.sources.readers.base import Reading
from index_builder.sources.readers.front_matter import split_front_matter
from index_builder.sources.readers.html import text_of_html
from searchapp.errors import MissingExtraError
from searchapp.files.encodings import decode

PIECE = 1 << 15
"""Characters after which a long file is cut at the next blank line, to be parsed piece by piece."""

MAX_PIECE = 1 << 17
"""Characters up to which the markup of a piece is read; one without a blank line for so long is taken as plain text."""

MAX_MARKS = 80_000
"""Marks of lists and headings in one file up to which markup is read, and three times as many inside lines; each costs the
parser some 0.1 ms. What follows is taken as plain text."""

_BLOCK = re.compile(r"^[ \t]*(?:[-+*>#|]|\d+[.)])", re.MULTILINE)
_INLINE = re.compile(r"[\[*_`<&!]")

MAX_CELLS = 20_000
"""Cells of the tables in one file up to which they are read as tables: a row fills up to the width of its header."""

LANGUAGE = ("language", "lang", "locale")


def read_markdown(content: bytes, encoding: str | None) -> list[Reading]:
    """Read a Markdown file; the first heading is its title unless the front matter has one.

    Args:
        content: The file.
        encoding: Of the file; None to tell by its content.

    Raises:
        UnicodeDecodeError: Its encoding cannot be told.
        MissingExtraError: markdown-it-py is not installed.
    """
    metadata, body = split_front_matter(decode(content, encoding=encoding))
    title = metadata.pop("title", None)
    name = next((name for name in LANGUAGE if isinstance(metadata.get(name), str)), None)
    language = str(metadata.pop(name)) if name else ""
    heading, text = text_of_html("\n".join(_rendered(body)))
    given = str(title) if isinstance(title, (str, int, float)) else ""
    return [Reading(text, title=given or heading, language=language, declared=True, metadata=metadata)]


def _rendered(body: str) -> Iterator[str]:
    """Render a text piece by piece; what would take too long is escaped instead."""
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise MissingExtraError(feature="reading Markdown files", extra="files") from error
    marks = 0.0
    for piece in _pieces(body):
        marks += len(_BLOCK.findall(piece)) + len(_INLINE.findall(piece)) / 3
        if len(piece) > MAX_PIECE or marks > MAX_MARKS:
            yield f"<pre>{escape(piece)}</pre>"
        else:
            parser = MarkdownIt("commonmark")
            yield str((parser.enable("table") if _cells(piece) <= MAX_CELLS else parser).render(piece))


def _pieces(body: str) -> Iterator[str]:
    """Cut a text at blank lines outside code fences."""
    piece: list[str] = []
    size, fence = 0, ""
    for line in body.splitlines(keepends=True):
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~") and mark in (fence, fence or mark):
            fence = "" if fence else mark
        if size >= PIECE and not fence and not line.strip():
            yield "".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    yield "".join(piece)


def _cells(body: str) -> int:
    """Count the cells that the tables would have, were each as wide as its widest line and as long as the text."""
    rows = [line.count("|") for line in body.split("\n") if "|" in line]
    return max(rows, default=0) * len(rows)
