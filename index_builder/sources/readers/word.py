"""Read Word documents (.docx)."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

from index_builder.sources.readers.base import Deadline, Reading, RejectedFileError
from searchapp.errors import MissingExtraError
from searchapp.files.opening import MAX_RATIO

MAX_UNPACKED = 128 * 2**20
"""Maximum unpacked size of all parts of a document, in bytes."""

MAX_PART = 32 * 2**20
"""Maximum size of the XML of its text, in bytes."""


def read_word(content: bytes, encoding: str | None) -> list[Reading]:
    """Read the paragraphs and table cells of a Word document in document order.

    Args:
        content: Content of the file.
        encoding: Not used, because the file contains XML.

    Raises:
        ValueError: The file is damaged.
        RejectedFileError: The file is too large after unpacking.
        MissingExtraError: python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError as error:
        raise MissingExtraError(feature="reading Word documents", extra="files") from error
    try:
        _check(content)
        document = Document(BytesIO(content))
        return [_reading(document)]
    except RejectedFileError:
        raise
    except Exception as error:  # python-docx, lxml and zipfile raise a dozen kinds, all caused by the content
        raise ValueError(f"damaged Word document ({type(error).__name__}: {str(error)[:200]})") from error


def _check(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as parts:
        sizes = {part.filename: part.file_size for part in parts.infolist()}
    total = sum(sizes.values())
    if total > MAX_UNPACKED or (total > MAX_PART and total > MAX_RATIO * len(content)):
        raise RejectedFileError(f"unpacks from {len(content):,} to {total:,} bytes", kind="decompression bomb")
    if (size := sizes.get("word/document.xml", 0)) > MAX_PART:
        raise RejectedFileError(f"{size:,} bytes of text and markup, at most {MAX_PART:,}", kind="too long")


def _reading(document: Any) -> Reading:
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    deadline = Deadline()
    paragraphs: list[str] = []
    title = ""
    for number, element in enumerate(document.element.body.iter(qn("w:p"))):
        if number % 256 == 0:
            deadline.check(f"paragraph {number:,}")
        paragraph = Paragraph(element, document)
        text = paragraph.text.strip()
        if text and not title and (element.style or "").lower() in ("title", "heading1"):
            title = text
        paragraphs.append(text)
    properties = document.core_properties
    return Reading(
        "\n\n".join(filter(None, paragraphs)),
        title=properties.title or title,
        language=properties.language or "",
    )
