"""Read documents from memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from index_builder.rejects import Reject
from index_builder.sources.rows import RowReader
from searchapp.datatypes import Document
from searchapp.errors import InputError


class DocumentSource:
    """A source of documents in memory. A document that cannot be indexed becomes a reject, like a bad row of a file.

    Args:
        documents: The documents, which are kept in memory. Their 1-based positions are their lines in rejects.
        path: Name of the source in messages and in the manifest.

    Raises:
        InputError: The argument is not iterable, or an item is not a `Document`.
    """

    def __init__(self, documents: Iterable[Document], *, path: str = "documents") -> None:
        self.path = path
        try:
            self._documents = list(documents)
        except TypeError as error:
            kind = type(documents).__name__
            raise InputError(f"{kind}, expected a path, a Source or an iterable of Document", path=path) from error
        for place, item in enumerate(self._documents, start=1):
            if not isinstance(item, Document):
                raise InputError(f"{type(item).__name__}, expected a Document", path=path, line=place)

    def digest(self) -> str:
        """Hash the documents: equal digests give equal items."""
        digest = hashlib.blake2b(digest_size=16)
        for document in self._documents:
            record = json.dumps(asdict(document), sort_keys=True, default=str)
            digest.update(record.encode("utf-8", "surrogatepass") + b"\n")
        return digest.hexdigest()

    def fraction(self, items: int) -> float | None:
        """Return the share of the first documents among all.

        Args:
            items: Number of documents read.
        """
        return min(1.0, items / max(1, len(self._documents)))

    def __iter__(self) -> Iterator[Document | Reject]:
        reader = RowReader(self.path)
        for line, document in enumerate(self._documents, start=1):
            yield reader.document(document, line)
