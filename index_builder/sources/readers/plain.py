"""Plain text."""

from __future__ import annotations

from index_builder.sources.readers.base import Reading
from searchapp.files.encodings import decode


def read_plain(content: bytes, encoding: str | None) -> list[Reading]:
    """Read a text file.

    Args:
        content: The file.
        encoding: Of the file; None to tell by its content.

    Raises:
        UnicodeDecodeError: Its encoding cannot be told.
    """
    return [Reading(decode(content, encoding=encoding))]
