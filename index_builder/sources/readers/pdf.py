"""Read PDF files, one document per page."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Any

from index_builder.sources.readers.base import Deadline, Reading, RejectedFileError
from searchapp.errors import InputError, MissingExtraError

MAX_PAGES = 5_000

MAX_PAGE_CHARACTERS = 500_000
"""Maximum characters of a page; more do not fit on a real page."""


def read_pdf(content: bytes, encoding: str | None) -> list[Reading]:
    """Read the text of a PDF; pages without text are skipped.

    Args:
        content: Content of the file.
        encoding: Not used, because a PDF contains its encoding.

    Raises:
        ValueError: The file is damaged.
        RejectedFileError: The file has a password or too many pages, or takes too long.
        MissingExtraError: pypdf is not installed.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings do not name the file
    except ImportError as error:
        raise MissingExtraError(feature="reading PDF files", extra="files") from error
    try:
        pdf = PdfReader(BytesIO(content))
        if pdf.is_encrypted and not pdf.decrypt(""):
            raise RejectedFileError("the PDF has a password", kind="encrypted")
        return _pages(pdf)
    except (InputError, MemoryError):
        raise
    except (
        PyPdfError,
        RecursionError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        OSError,
    ) as error:
        # exceptions that broken files cause
        raise ValueError(f"damaged PDF ({type(error).__name__}: {str(error)[:200]})") from error


def _pages(pdf: Any) -> list[Reading]:
    deadline = Deadline()
    count = len(pdf.pages)
    if count > MAX_PAGES:
        raise RejectedFileError(f"{count:,} pages, at most {MAX_PAGES:,}", kind="too long")
    title = str((pdf.metadata.title if pdf.metadata else "") or "")
    language = pdf.root_object.get("/Lang", "")
    found = []
    for number, page in enumerate(pdf.pages, start=1):
        deadline.check(f"page {number:,} of {count:,}")
        text = page.extract_text()
        if len(text) > MAX_PAGE_CHARACTERS:
            reason = f"page {number} has {len(text):,} characters, at most {MAX_PAGE_CHARACTERS:,}"
            raise RejectedFileError(reason, kind="too long")
        if text.strip():
            metadata = {"page": number, "pages": count}
            lang = language if isinstance(language, str) else ""
            found.append(Reading(text, title=title, language=lang, part=f"page={number}", metadata=metadata))
    return found
