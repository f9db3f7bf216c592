"""Read Markdown with its front matter as metadata."""

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
"""Characters after which a long file is split at the next blank line, to be parsed in pieces."""

MAX_PIECE = 1 << 17
"""Maximum length of a piece whose markup is parsed; a longer one without blank lines is taken as plain text."""

MAX_MARKS = 80_000
"""Maximum marks of lists and headings in a file, and a third of the maximum marks inside lines. Each costs the parser about
0.1 ms. The rest of the file is taken as plain text."""

_BLOCK = re.compile(r"^[ \t]*(?:[-+*>#|]|\d+[.)])", re.MULTILINE)
_INLINE = re.compile(r"[\[*_`<&!]")

MAX_CELLS = 20_000
"""Maximum table cells in a file that are parsed as tables, because rows are filled up to the width of the header."""

LANGUAGE = ("language", "lang", "locale")


def read_markdown(content: bytes, encoding: str | None) -> list[Reading]:
    """Read a Markdown file. The first heading is its title unless the front matter has one.

    Args:
        content: Content of the file.
        encoding: Encoding of the file; None to detect it.

    Raises:
        UnicodeDecodeError: The encoding cannot be detected.
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
    """Render a text in pieces; pieces that would take too long are escaped instead."""
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
    """Split a text at blank lines outside code fences."""
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
    """Count the cells if every table were as wide as its widest line and as long as the text."""
    rows = [line.count("|") for line in body.split("\n") if "|" in line]
    return max(rows, default=0) * len(rows)
