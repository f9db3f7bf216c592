"""Read documents of a program: from memory, or from a source of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from index_builder.rejects import Reject
from index_builder.sources.base import Source
from index_builder.sources.rows import RowReader
from searchapp.datatypes import Document
from searchapp.errors import InputError


class DocumentSource:
    """A source of documents in memory. A document that cannot be indexed becomes a reject, like a bad row of a file.

    Args:
        documents: The documents, which are checked and kept in memory. Their 1-based positions are their lines in rejects.
        path: Name of the source in messages and in the manifest.

    Raises:
        InputError: The argument is not iterable, or an item is not a `Document`.
    """

    def __init__(self, documents: Iterable[Document], *, path: str = "documents") -> None:
        self.path = path
        try:
            given = iter(documents)
        except TypeError as error:
            kind = type(documents).__name__
            raise InputError(f"{kind}, expected a path, a Source or an iterable of Document", path=path) from error
        self._items = list(_checked(given, path))

    def digest(self) -> str:
        """Hash the documents: equal digests give equal items."""
        digest = hashlib.blake2b(digest_size=16)
        for item in self._items:
            record = json.dumps(asdict(item), sort_keys=True)
            digest.update(record.encode("utf-8", "surrogatepass") + b"\n")
        return digest.hexdigest()

    def fraction(self, items: int) -> float | None:
        """Return the share of the first documents among all.

        Args:
            items: Number of documents read.
        """
        return min(1.0, items / max(1, len(self._items)))

    def __iter__(self) -> Iterator[Document | Reject]:
        return iter(self._items)


class CheckedSource:
    """Gives what a program's own source gives, each document checked as the rows of files are.

    Args:
        source: Source of a program, whose documents are not yet checked.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def path(self) -> str:
        """Return the name of the source, for messages."""
        return self._source.path

    def digest(self) -> str:
        """Hash the content, as the source does."""
        return self._source.digest()

    def fraction(self, items: int) -> float | None:
        """Return the share of the source in its first items, as the source computes it.

        Args:
            items: Number of items that are finished, rejects included; 0 or more.
        """
        return self._source.fraction(items)

    def __iter__(self) -> Iterator[Document | Reject]:
        return _checked(self._source, self.path)


def _checked(items: Iterable[object], path: str) -> Iterator[Document | Reject]:
    reader = RowReader(path)
    for line, item in enumerate(items, start=1):
        if isinstance(item, Reject):
            yield item
        elif isinstance(item, Document):
            yield reader.document(item, line)
        else:
            raise InputError(f"{type(item).__name__}, expected a Document", path=path, line=line)
