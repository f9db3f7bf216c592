"""Define the protocol of sources, and the base class of those whose rows have fields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, runtime_checkable

from index_builder.rejects import Reject
from index_builder.sources.columns import Columns
from index_builder.sources.rows import RowReader, SeenIds
from searchapp.datatypes import Document
from searchapp.errors import FileChangedError, InputError
from searchapp.files.opening import FileState, regular_file

LOOKED_AT = 100
"""Rows at the beginning of a file in which the fields must occur."""


@runtime_checkable
class Source(Protocol):
    """A stream of documents in a fixed order, in constant memory. It may be iterated more than once."""

    @property
    def path(self) -> str:
        """Return the name of the file, folder or dataset, for messages."""
        ...

    def digest(self) -> str:
        """Hash the content: equal digests give equal items."""
        ...

    def fraction(self, items: int) -> float | None:
        """Return the share of the source in its first `items` items, in [0, 1]; None if unknown.

        Args:
            items: Number of items that are finished, rejects included; 0 or more.
        """
        ...

    def __iter__(self) -> Iterator[Document | Reject]: ...


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Options for reading the files of a source.

    Attributes:
        columns: Names of the fields, for formats that have fields.
        encoding: Encoding of text files; None to detect it.
        language_path: Pattern of paths that name a language, such as `pages.{language}/`; None for the common layouts.
    """

    columns: Columns = field(default_factory=Columns)
    encoding: str | None = None
    language_path: str | None = None


class RowSource:
    """A file whose rows have fields; subclasses read the rows.

    Args:
        file: File to read.
        options: How to read the file.
        place: The file's name inside a folder, the prefix of its ids, which are unique only within the file.
        language: Language of rows without one; None to detect it.
        seen: Ids of the files read before; None if this is the only one.
    """

    def __init__(
        self,
        file: Path,
        options: ReadOptions | None = None,
        *,
        place: str = "",
        language: str | None = None,
        seen: SeenIds | None = None,
    ) -> None:
        self.file = file
        self.options = options or ReadOptions()
        self._place, self._language, self._seen = place, language, seen
        self._read = (0, 0.0)
        self._state: FileState | None = None

    @property
    def path(self) -> str:
        """Return the name of the file."""
        return str(self.file)

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the rows.

        Yields:
            The 1-based line, the row (a mapping, a BadRow or another parsed value) and the share of the file read so far.
        """
        raise NotImplementedError

    def digest(self) -> str:
        """Hash the file."""
        regular_file(self.file)
        self._state = FileState.of(self.file)
        return file_digest([(self.file.name, self.file)])

    def fraction(self, items: int) -> float | None:
        """Return the share of the file read so far, at most a few batches ahead of what is finished.

        Args:
            items: Number of items that are finished, rejects included; 0 or more.
        """
        read, share = self._read
        return min(1.0, share * items / read) if read else None

    def __iter__(self) -> Iterator[Document | Reject]:
        before = self._state or self._look()
        self._check_columns()
        reader = RowReader(
            self._place or self.path, self.options.columns, place=self._place, language=self._language, seen=self._seen
        )
        for count, (line, row, share) in enumerate(self.rows(), start=1):
            self._read = (count, min(1.0, share))
            yield reader.read(row, line)
        if before is not None and (now := self._look()) != before:
            size = "gone" if now is None else f"{now.size:,} bytes"
            raise FileChangedError(
                f"the file changed while it was read ({before.size:,} bytes before, {size} now); nothing was made live. Run "
                "the same command again when the file no longer changes",
                path=self.path,
            )

    def _look(self) -> FileState | None:
        return FileState.of(self.file) if self.file.is_file() else None

    def _check_columns(self) -> None:
        """Reject a file whose first rows lack the requested fields or any text."""
        names: dict[str, None] = {}
        rows = 0
        for _, row, _ in islice(self.rows(), LOOKED_AT):
            if isinstance(row, Mapping):
                rows += 1
                names |= dict.fromkeys(map(str, islice(row, LOOKED_AT)))
                if self.options.columns.problem(names, rows=rows) is None:
                    return
        if rows and (problem := self.options.columns.problem(names, rows=rows)):
            raise InputError(problem, path=self.path)


def file_digest(files: Iterable[tuple[str, Path]]) -> str:
    """Hash the names and contents of files; an unreadable file contributes only its name.

    Args:
        files: Pairs of a name and a path.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, path in files:
        digest.update(name.encode("utf-8", "surrogateescape") + b"\x00")
        try:
            regular_file(path)
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except (OSError, InputError):
            digest.update(b"unreadable")
    return digest.hexdigest()


def settings_digest(digest: str, *settings: object) -> str:
    """Hash a digest together with the settings that determine how the files are read.

    Args:
        digest: Digest of the files.
        settings: Values that `repr` distinguishes.
    """
    return hashlib.blake2b(repr((digest, settings)).encode(), digest_size=16).hexdigest()
