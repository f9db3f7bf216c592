"""Read plain text files."""

from __future__ import annotations

from index_builder.sources.readers.base import Reading
from searchapp.files.encodings import decode


def read_plain(content: bytes, encoding: str | None) -> list[Reading]:
    """Read a text file.

    Args:
        content: Content of the file.
        encoding: Encoding of the file; None to detect it.

    Raises:
        UnicodeDecodeError: The encoding cannot be detected.
    """
    return [Reading(decode(content, encoding=encoding))]
