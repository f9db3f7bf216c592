"""Folders of plain text, Markdown, HTML and PDF files; a file is a document."""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from index_builder.rejects import Reject
from index_builder.sources.base import MAX_CHARACTERS, Columns, RowReader, file_digest
from index_builder.sources.characters import decode, decode_html
from index_builder.sources.opening import DAMAGED, open_bytes
from searchapp.datatypes import Document
from searchapp.errors import InputError, MissingExtraError
from searchapp.text.normalise import normalize

BLOCKS = "address,article,blockquote,br,dd,div,dt,figcaption,h1,h2,h3,h4,h5,h6,hr,li,p,pre,section,td,th,tr"
"""HTML elements after which a line ends; inside a line, tags leave no trace."""

MAX_BYTES = 256 * 2**20
"""Largest file, unpacked: it is read whole."""

Reading = tuple[str, str]
"""Title and text."""


class FolderSource:
    """All readable files under a folder, in the order of their paths, or a single file; hidden ones are left out."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._root = path if path.is_dir() else path.parent
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        self._files = [
            file for file in found if file.suffix.lower() in READERS and file.is_file() and not _hidden(file, path)
        ]
        if not self._files:
            raise InputError(f"no files to read; expected {', '.join(READERS)}", path=path)

    def digest(self) -> str:
        """Hash of the files."""
        return file_digest(self._files)

    def fraction(self, items: int) -> float | None:
        """By the number of files."""
        return items / len(self._files)

    def __iter__(self) -> Iterator[Document | Reject]:
        for file in self._files:
            yield self._document(file)

    def _document(self, file: Path) -> Document | Reject:
        reader = RowReader(str(file), Columns())
        try:
            with open_bytes(file) as (stream, _):
                content = stream.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                return reader.reject(0, f"larger than {MAX_BYTES // 2**20:,} MiB", "too long", "")
            title, text = READERS[file.suffix.lower()](content)
        except UnicodeDecodeError as error:
            reason = f"byte 0x{error.object[error.start]:02x} at {error.start} is not UTF-8"
            return reader.reject(0, reason, "invalid UTF-8", "")
        except (ValueError, InputError, *DAMAGED) as error:
            return reader.reject(0, f"cannot be read: {error}", "damaged", "")
        text = normalize(text).strip()
        if not text:
            return reader.reject(0, "no text in this file (a scanned PDF needs OCR first)", "empty text", "")
        if len(text) > MAX_CHARACTERS:
            return reader.reject(0, f"{len(text):,} characters, at most {MAX_CHARACTERS:,}", "too long", "")
        place = _name(file.relative_to(self._root))
        return Document(
            id=place, text=text, title=normalize(title).strip() or _name(Path(file.stem)), metadata={"file": place}
        )


def _name(path: Path) -> str:
    """A path as text; bytes of it that are not UTF-8 are spelled out, so that no two files share an id."""
    return unicodedata.normalize("NFC", os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace"))


def _hidden(file: Path, root: Path) -> bool:
    return root.is_dir() and any(part.startswith(".") for part in file.relative_to(root).parts)


def _read_text(content: bytes) -> Reading:
    return "", decode(content)


def _read_markdown(content: bytes) -> Reading:
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise MissingExtraError(feature="reading Markdown files", extra="files") from error
    return _strip_html(MarkdownIt("commonmark").enable("table").render(decode(content)))


def _read_html(content: bytes) -> Reading:
    return _strip_html(decode_html(content))


def _strip_html(html: str) -> Reading:
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        raise MissingExtraError(feature="reading HTML files", extra="files") from error
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template", "svg"])
    title = tree.css_first("title") or tree.css_first("h1")
    heading = title.text(strip=True) if title else ""
    for block in tree.css(BLOCKS):
        block.insert_after("\n\n")
    text = tree.body.text() if tree.body else ""
    return heading, re.sub(r"[ \t]*\n\s*\n\s*", "\n\n", text).strip()


def _read_pdf(content: bytes) -> Reading:
    try:
        from io import BytesIO

        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        logging.getLogger("pypdf").setLevel(logging.ERROR)  # what it warns of does not say which file
    except ImportError as error:
        raise MissingExtraError(feature="reading PDF files", extra="files") from error
    try:
        pdf = PdfReader(BytesIO(content))
        title = str((pdf.metadata.title if pdf.metadata else "") or "")
        return title, "\n\n".join(page.extract_text() for page in pdf.pages)
    except (PyPdfError, KeyError, TypeError, AttributeError) as error:  # what broken files make it raise
        raise ValueError(f"damaged PDF ({error})") from error


READERS: dict[str, Callable[[bytes], Reading]] = {
    ".txt": _read_text,
    ".text": _read_text,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
}
"""Suffix -> reader of a file's bytes."""
