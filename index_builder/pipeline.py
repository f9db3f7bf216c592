"""Turn source items into finished segments: cut, detect, encode, weight terms. Independent of versions and checkpoints."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from index_builder.journal import Segment
from index_builder.rejects import RAW, Reject
from searchapp.datatypes import Document, FloatArray, Passage
from searchapp.encoders.base import Encoder, reading
from searchapp.errors import EncoderError
from searchapp.stores.base import Point, ScoredPoint
from searchapp.stores.payload import Payload
from searchapp.text.bm25 import LexicalEncoder

COPIES = 4
"""Copies of a passage in memory at the same time: as a passage, a point, a journal entry and in the engine."""
OVERHEAD = 1024
"""Bytes of a passage besides its text and its vectors."""
FIRST = 64
"""Passages of the first segment. Each later one has twice as many, so that a slow encoder soon shows progress."""
GROUP_CHARACTERS = 100_000
"""Characters of documents, metadata included, that are cut in one batch."""

Lookup = Callable[[Sequence[str]], "dict[str, ScoredPoint]"]
"""Maps point ids to the points of the live version, with vectors, whose embeddings may be reused."""


class Cutter(Protocol):
    """Cuts documents into passages with their languages."""

    def cut_batch(self, documents: Sequence[Document]) -> list[list[Passage]]:
        """Cut a batch of documents.

        Args:
            documents: Documents in order; each gets a list of passages in the result, which may be empty.
        """
        ...


@dataclass(slots=True)
class _Batch:
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
class Pipeline:
    """The stages of a build between reading and writing.

    Attributes:
        cutter: Cuts documents into passages.
        encoder: Embeds the passages.
        lexical: Weights the terms of the passages.
        lookup: Finds reusable embeddings in the live version.
        known: Further reusable embeddings, (dimension,) each, by the digest of what the encoder reads.
        path: Name of the source in rejects.
        batch: Maximum passages per segment; the first segments have fewer.
        memory: Approximate bytes for the passages between reading and writing. A document that needs more is split
            over several segments.
        workers: Batches encoded concurrently while the next ones are read.
    """

    cutter: Cutter
    encoder: Encoder
    lexical: LexicalEncoder
    lookup: Lookup
    known: Mapping[str, FloatArray] = field(default_factory=dict)
    path: str = ""
    batch: int = 1024
    memory: int = 512 * 2**20
    workers: int = 2

    def segments(self, items: Iterable[Document | Reject], *, started: int = 0) -> Iterator[Segment]:
        """Turn items into segments, in order.

        Args:
            items: Items of a source. A document without any passage becomes a reject.
            started: Passages of the first document that an interrupted build already finished.
        """
        with ThreadPoolExecutor(self.workers, thread_name_prefix="encode") as pool:
            pending: deque[Future[Segment]] = deque()
            try:
                for batch in self._batches(items, started):
                    pending.append(pool.submit(self._finish, batch))
                    if len(pending) > self.workers:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()

    def _batches(self, items: Iterable[Document | Reject], started: int) -> Iterator[_Batch]:
        batch = _Batch()
        most = min(FIRST, self.batch)
        largest = self.memory // (COPIES * (self.workers + 2))
        for item, passages in self._cut(items):
            if isinstance(item, Reject):
                batch.rejects.append(item)
            elif not passages:
                reason = f"document {item.id!r} has no text between its boundaries"
                batch.rejects.append(Reject(self.path, 0, reason, "no passage", item.text[:RAW]))
            else:
                shared = _metadata_size(item)
                for place, passage in enumerate(passages[started:], start=started):
                    weight = self._weight(passage) + shared
                    if batch.passages and (len(batch.passages) >= most or batch.weight + weight > largest):
                        batch.started = place
                        yield batch
                        batch, most = _Batch(), min(2 * most, self.batch)
                    batch.passages.append(passage)
                    batch.weight += weight
                batch.documents += 1
            started = 0
            if len(batch.passages) >= most or len(batch.rejects) >= self.batch:
                yield batch
                batch, most = _Batch(), min(2 * most, self.batch)
        if batch.items:
            yield batch

    def _weight(self, passage: Passage) -> int:
        letters = len(passage.text) + len(passage.title) + len(passage.context)
        return OVERHEAD + 4 * (letters + self.encoder.dimension)

    def _cut(self, items: Iterable[Document | Reject]) -> Iterator[tuple[Document | Reject, Sequence[Passage]]]:
        """Cut documents in groups and keep the order of the items."""
        waiting: list[Document | Reject] = []
        characters = 0
        for item in items:
            waiting.append(item)
            characters += len(item.text) + _metadata_size(item) if isinstance(item, Document) else 0
            if len(waiting) * 4 >= self.batch or characters > GROUP_CHARACTERS:
                yield from self._cut_group(waiting)
                waiting, characters = [], 0
        yield from self._cut_group(waiting)

    def _cut_group(self, group: Sequence[Document | Reject]) -> Iterator[tuple[Document | Reject, Sequence[Passage]]]:
        documents = [item for item in group if isinstance(item, Document)]
        cut = iter(self.cutter.cut_batch(documents))
        for item in group:
            yield item, next(cut) if isinstance(item, Document) else ()

    def _finish(self, batch: _Batch) -> Segment:
        passages = batch.passages
        ids = [passage.id for passage in passages]
        digests = [digest_of(reading(self.encoder, passage.text, passage.context)) for passage in passages]
        dense, reused = self._embed(passages, ids, digests)
        sparse = self.lexical.encode_passages(
            [passage.text for passage in passages],
            [passage.language for passage in passages],
            [passage.title for passage in passages],
        )
        points = tuple(
            Point(id=id_, dense=vector, sparse=terms, payload=Payload.of(passage, reading=digest).stored())
            for id_, passage, vector, terms, digest in zip(ids, passages, dense, sparse, digests, strict=True)
        )
        return Segment(
            items=batch.items,
            documents=batch.documents,
            started=batch.started,
            points=points,
            rejects=tuple(reject.to_dict() for reject in batch.rejects),
            reused=reused,
        )

    def _embed(self, passages: Sequence[Passage], ids: Sequence[str], digests: Sequence[str]) -> tuple[FloatArray, int]:
        """Reuse the embeddings of passages whose reading is unchanged, and encode the others, equal ones once."""
        known = {id_: (Payload.read(old.payload), old.dense) for id_, old in self.lookup(ids).items()}
        by_reading = {payload.reading: vector for payload, vector in known.values() if payload.reading}
        dense: FloatArray = np.zeros((len(passages), self.encoder.dimension), dtype=np.float32)
        missing: dict[str, list[int]] = {}
        for row, (id_, passage, digest) in enumerate(zip(ids, passages, digests, strict=True)):
            vector = by_reading.get(digest)
            if vector is None:
                vector = self.known.get(digest)
            if vector is None and id_ in known and known[id_][0].content_hash == passage.content_hash:
                vector = known[id_][1]  # from an index without readings
            if vector is None:
                missing.setdefault(digest, []).append(row)
            else:
                dense[row] = vector
        if missing:
            fresh = self._encode([passages[rows[0]] for rows in missing.values()])
            for vector, rows in zip(fresh, missing.values(), strict=True):
                dense[rows] = vector
        return dense, len(passages) - sum(map(len, missing.values()))

    def _encode(self, passages: Sequence[Passage]) -> FloatArray:
        vectors = self.encoder.encode_passages(
            [passage.text for passage in passages], contexts=[passage.context for passage in passages]
        )
        expected = (len(passages), self.encoder.dimension)
        if vectors.shape != expected:
            raise EncoderError(f"encoder {self.encoder.name} gave shape {vectors.shape}, expected {expected}")
        if not np.isfinite(vectors).all():
            row = int(np.argwhere(~np.isfinite(vectors))[0][0])
            raise EncoderError(
                f"encoder {self.encoder.name} gave NaN or infinity for document {passages[row].document_id!r}, "
                f"passage {passages[row].index}; nothing was indexed from this batch"
            )
        return vectors


def _metadata_size(document: Document) -> int:
    return len(json.dumps(document.metadata, ensure_ascii=False, default=str)) if document.metadata else 0


def digest_of(text: str) -> str:
    """Compute the digest of a text, such as what an encoder reads, so that equal readings share an embedding.

    Args:
        text: Any text, also with lone surrogates.
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
