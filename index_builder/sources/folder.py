"""Read folders with files of any supported type, and single files that are documents."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from index_builder.rejects import Reject
from index_builder.sources.archive import members
from index_builder.sources.base import ReadOptions, file_digest
from index_builder.sources.formats import SUFFIXES, guess_format, inner_suffix, make_source
from index_builder.sources.metadata import BadDocumentError, clean
from index_builder.sources.path_language import PathLanguages
from index_builder.sources.readers.base import Reader, Reading, RejectedFileError
from index_builder.sources.readers.html import read_html
from index_builder.sources.readers.markdown import read_markdown
from index_builder.sources.readers.pdf import read_pdf
from index_builder.sources.readers.plain import read_plain
from index_builder.sources.readers.word import read_word
from index_builder.sources.rows import RowReader, SeenIds
from index_builder.sources.walking import Found, display, walk
from searchapp.datatypes import UNKNOWN_LANGUAGE, Document
from searchapp.errors import ConfigurationError, FileChangedError, InputError, MissingExtraError, UnreadableFileError
from searchapp.files.opening import FileState, read_whole
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize

logger = logging.getLogger(__name__)

MAX_BYTES = 64 * 2**20
"""Maximum size in bytes, after decompression, of a file that is read whole."""

READERS: dict[str, Reader] = {
    ".txt": read_plain,
    ".text": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".pdf": read_pdf,
    ".docx": read_word,
}
"""Suffix -> function that reads a file's bytes."""


class FolderSource:
    """Reads all supported files under a folder in the order of their paths, or a single file; hidden files are skipped.

    A text, Markdown, HTML or Word file is one document, a PDF one per page. Rows of CSV, JSON lines and similar files are
    documents with the file's place as a prefix of their ids. Zip files are unpacked. Unreadable files are rejected.

    Args:
        path: Folder or file.
        options: How to read the files.

    Raises:
        InputError: There is nothing to read.
    """

    def __init__(self, path: Path, options: ReadOptions | None = None) -> None:
        self.path = str(path)
        self._options = options or ReadOptions()
        found = walk(path) if path.is_dir() else [Found(path, display(Path(path.name)))]
        self._files = [one for one in found if one.kind == "unreadable" or _readable(one.place)]
        if not self._files:
            raise InputError(f"no files to read; expected {', '.join((*READERS, *SUFFIXES, '.zip'))}", path=path)
        others = Counter(PurePosixPath(one.place).suffix.lower() for one in found if one not in self._files)
        if others:
            kinds = ", ".join(f"{suffix or 'none'} {count:,}" for suffix, count in others.most_common(10))
            logger.warning("%s: %d files of other types are left out (%s)", path, others.total(), kinds)
        self._languages = PathLanguages((one.place for one in self._files), pattern=self._options.language_path)
        self._read = (0, 0.0)

    def digest(self) -> str:
        """Hash the files with their places."""
        return file_digest((one.place, one.path) for one in self._files)

    def fraction(self, items: int) -> float | None:
        """Return the share of the files read so far.

        Args:
            items: Number of items that are finished, rejects included; 0 or more.
        """
        read, share = self._read
        return min(1.0, share * items / read) if read else None

    def __iter__(self) -> Iterator[Document | Reject]:
        seen, count = SeenIds(), 0
        for number, found in enumerate(self._files, start=1):
            for item in self._items(found, self._languages, seen):
                count += 1
                self._read = (count, number / len(self._files))
                yield item

    def _items(self, found: Found, languages: PathLanguages, seen: SeenIds) -> Iterator[Document | Reject]:
        reader = RowReader(found.place if "/" in found.place else str(found.path), seen=seen)
        suffix = inner_suffix(found.place)
        try:
            if found.problem:
                yield reader.reject(0, found.problem, found.kind)
            elif suffix == ".zip":
                yield from self._archive(found, seen)
            elif suffix in READERS:
                yield from self._documents(found, languages, reader)
            else:
                options = self._options
                kind = guess_format(found.path)
                language = languages.of(found.place)
                yield from make_source(kind, found.path, options, place=found.place, language=language, seen=seen)
        except (FileChangedError, ConfigurationError, MissingExtraError):
            raise
        except UnreadableFileError as error:
            yield reader.reject(error.line or 0, error.reason, error.kind)
        except InputError as error:
            yield reader.reject(error.line or 0, error.reason, "not readable")

    def _archive(self, found: Found, seen: SeenIds) -> Iterator[Document | Reject]:
        with members(found.path, found.place) as inner:
            languages: PathLanguages | None = None
            for member in inner:
                if inner_suffix(member.place) == ".zip":
                    reader = RowReader(member.place, seen=seen)
                    yield reader.reject(0, "a zip file inside a zip file; unpack it first", "nested archive")
                elif member.problem or _readable(member.place):
                    languages = PathLanguages([member.place], pattern=self._options.language_path)
                    yield from self._items(member, languages, seen)

    def _documents(self, found: Found, languages: PathLanguages, reader: RowReader) -> Iterator[Document | Reject]:
        try:
            before = FileState.of(found.path)
            content = read_whole(found.path, limit=MAX_BYTES)
            readings = READERS[inner_suffix(found.place)](content, self._options.encoding)
            if FileState.of(found.path) != before:
                raise UnreadableFileError("the file changed while it was read", kind="changed", path=found.path)
        except UnicodeDecodeError as error:
            reason = f"byte 0x{error.object[error.start]:02x} at {error.start} is not {error.encoding.upper()}"
            yield reader.reject(0, f"{reason}; name the encoding with --encoding", f"invalid {error.encoding.upper()}")
            return
        except RejectedFileError as error:
            yield reader.reject(0, error.reason, error.kind)
            return
        except (ValueError, RecursionError) as error:
            yield reader.reject(0, f"cannot be read: {error}", "damaged")
            return
        if not any(reading.text.strip() for reading in readings):
            yield reader.reject(0, "no text in this file (a scanned PDF needs OCR first)", "empty text")
            return
        for reading in readings:
            yield self._document(found, reading, languages.of(found.place), reader=reader, asked=languages.asked)

    def _document(
        self, found: Found, reading: Reading, by_path: str | None, *, reader: RowReader, asked: bool
    ) -> Document | Reject:
        own = canonical(reading.language)
        given = own if own != UNKNOWN_LANGUAGE else None
        language = (given or by_path) if reading.declared and not asked else (by_path or given)
        try:
            metadata = clean({**reading.metadata, "file": found.place}).values
        except BadDocumentError as error:
            return reader.reject(0, str(error), error.kind)
        document = Document(
            id=found.place + (f"#{reading.part}" if reading.part else ""),
            text=normalize(reading.text).strip(),
            title=normalize(reading.title).strip() or PurePosixPath(found.place).stem,
            language=language,
            metadata=metadata,
        )
        return reader.document(document, 0)


def _readable(place: str) -> bool:
    suffix = inner_suffix(place)
    return suffix in READERS or suffix in SUFFIXES or suffix == ".zip"
