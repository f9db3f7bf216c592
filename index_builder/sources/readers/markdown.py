"""Markdown, with its front matter as metadata."""

from __future__ import annotations

from index_builder.sources.readers.base import Reading
from index_builder.sources.readers.front_matter import split_front_matter
from index_builder.sources.readers.html import text_of_html
from searchapp.errors import MissingExtraError
from searchapp.files.encodings import decode

MAX_PARSED = 1 << 20
"""Characters up to which the markup is read; a longer file is taken as plain text."""

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
    if len(body) > MAX_PARSED:
        heading, text = "", body
    else:
        heading, text = text_of_html(_render(body))
    given = str(title) if isinstance(title, (str, int, float)) else ""
    return [Reading(text, title=given or heading, language=language, declared=True, metadata=metadata)]


def _render(body: str) -> str:
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise MissingExtraError(feature="reading Markdown files", extra="files") from error
    parser = MarkdownIt("commonmark")
    if _cells(body) <= MAX_CELLS:
        parser.enable("table")
    return str(parser.render(body))


def _cells(body: str) -> int:
    """Count the cells that the tables would have, were each as wide as its widest line and as long as the text."""
    rows = [line.count("|") for line in body.split("\n") if "|" in line]
    return max(rows, default=0) * len(rows)
