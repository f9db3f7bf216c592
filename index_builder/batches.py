"""Cut documents into passages with their languages and collect them into batches that are encoded together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from index_builder.rejects import RAW, Reject
from searchapp.datatypes import Document, Passage

OVERHEAD = 1024
"""Bytes of a passage besides its text and its vectors."""
FIRST = 64
"""Passages of the first segment. Each later one has twice as many, so that a slow encoder soon shows progress."""
GROUP_CHARACTERS = 100_000
"""Characters of documents, metadata included, that are cut in one batch."""


class Cutter(Protocol):
    """Cuts documents into passages with their languages."""

    def cut_batch(self, documents: Sequence[Document]) -> list[list[Passage]]:
        """Cut a batch of documents.

        Args:
            documents: Documents in order; each gets a list of passages in the result, which may be empty.
        """
        ...


@dataclass(slots=True)
class Batch:
    """Items collected for one segment; `weight` estimates the bytes of its points."""

    passages: list[Passage] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    documents: int = 0
    started: int = 0
    weight: int = 0

    @property
    def items(self) -> int:
        return self.documents + len(self.rejects)


@dataclass(frozen=True, slots=True)
class Batches:
    """Turns source items into batches of passages, in order.

    Attributes:
        cutter: Cuts documents into passages.
        dimension: Length of an embedding, for estimating memory.
        largest: Approximate bytes of a batch. A document that needs more is split over several batches.
        path: Name of the source in rejects.
        most: Maximum passages per batch.
        first: Passages of the first batch; each later one has up to twice as many.
    """

    cutter: Cutter
    dimension: int
    largest: int
    path: str = ""
    most: int = 1024
    first: int = FIRST

    def of(self, items: Iterable[Document | Reject], *, started: int = 0) -> Iterator[Batch]:
        """Cut items and collect their passages.

        Args:
            items: Items of a source. A document without any passage becomes a reject.
            started: Passages of the first document that an interrupted build already finished.
        """
        batch = Batch()
        most = min(self.first, self.most)
        for item, passages in self._cut(items):
            if isinstance(item, Reject):
                batch.rejects.append(item)
            elif not passages:
                reason = f"document {item.id!r} has no text between its boundaries"
                batch.rejects.append(Reject(self.path, 0, reason, "no passage", item.text[:RAW]))
            else:
                shared = size_of_metadata(item)
                for place, passage in enumerate(passages[started:], start=started):
                    weight = self._weight(passage) + shared
                    if batch.passages and (len(batch.passages) >= most or batch.weight + weight > self.largest):
                        batch.started = place
                        yield batch
                        batch, most = Batch(), min(2 * most, self.most)
                    batch.passages.append(passage)
                    batch.weight += weight
                batch.documents += 1
            started = 0
            if len(batch.passages) >= most or len(batch.rejects) >= self.most:
                yield batch
                batch, most = Batch(), min(2 * most, self.most)
        if batch.items:
            yield batch

    def _weight(self, passage: Passage) -> int:
        letters = len(passage.text) + len(passage.title) + len(passage.context)
        return OVERHEAD + 4 * (letters + self.dimension)

    def _cut(self, items: Iterable[Document | Reject]) -> Iterator[tuple[Document | Reject, Sequence[Passage]]]:
        """Cut documents in groups and keep the order of the items."""
        waiting: list[Document | Reject] = []
        characters = 0
        for item in items:
            waiting.append(item)
            characters += len(item.text) + size_of_metadata(item) if isinstance(item, Document) else 0
            if len(waiting) * 4 >= self.most or characters > GROUP_CHARACTERS:
                yield from self._cut_group(waiting)
                waiting, characters = [], 0
        yield from self._cut_group(waiting)

    def _cut_group(self, group: Sequence[Document | Reject]) -> Iterator[tuple[Document | Reject, Sequence[Passage]]]:
        documents = [item for item in group if isinstance(item, Document)]
        cut = iter(self.cutter.cut_batch(documents))
        for item in group:
            yield item, next(cut) if isinstance(item, Document) else ()


def size_of_metadata(document: Document) -> int:
    """Estimate the bytes of a document's metadata as JSON.

    Args:
        document: Any document.
    """
    return len(json.dumps(document.metadata, ensure_ascii=False, default=str)) if document.metadata else 0
