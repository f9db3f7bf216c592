"""Source items to finished segments: cut, detect, encode, weigh terms. Pure of any version or checkpoint logic."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from index_builder.journal import Segment
from index_builder.rejects import Reject
from searchapp.datatypes import Document, FloatArray, Passage
from searchapp.encoders.base import Encoder
from searchapp.errors import EncoderError
from searchapp.stores.base import Point, ScoredPoint
from searchapp.stores.payload import to_payload
from searchapp.text.bm25 import LexicalEncoder

Lookup = Callable[[Sequence[str]], "dict[str, ScoredPoint]"]
"""Point ids to the points of the live version, with vectors, whose embeddings may be reused."""


class Cutter(Protocol):
    """Documents to passages with their languages."""

    def cut_batch(self, documents: Sequence[Document]) -> list[list[Passage]]: ...


@dataclass(frozen=True, slots=True)
class _Batch:
    items: int
    documents: int
    passages: tuple[Passage, ...]
    rejects: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages of a build between reading and writing.

    Attributes:
        batch: Passages per segment, about: a document is never split over two.
        workers: Batches encoded at the same time, while the next ones are read.
    """

    cutter: Cutter
    encoder: Encoder
    lexical: LexicalEncoder
    lookup: Lookup
    batch: int = 1024
    workers: int = 2

    def segments(self, items: Iterable[Document | Reject]) -> Iterator[Segment]:
        """Turn items into segments, in order; equal items give equal segments."""
        with ThreadPoolExecutor(self.workers, thread_name_prefix="encode") as pool:
            pending: deque[Future[Segment]] = deque()
            try:
                for batch in self._batches(items):
                    pending.append(pool.submit(self._finish, batch))
                    if len(pending) > self.workers:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()

    def _batches(self, items: Iterable[Document | Reject]) -> Iterator[_Batch]:
        documents: list[Document] = []
        passages: list[Passage] = []
        rejects: list[Reject] = []
        group: list[Document] = []
        characters = 0
        for item in items:
            if isinstance(item, Reject):
                rejects.append(item)
            else:
                group.append(item)
                documents.append(item)
                characters += len(item.text)
            if len(group) * 4 >= self.batch or characters > self.batch * 100 or len(rejects) >= self.batch:
                passages += self._cut(group)
                group, characters = [], 0
                if len(passages) >= self.batch or len(rejects) >= self.batch:
                    yield _Batch(len(documents) + len(rejects), len(documents), tuple(passages), tuple(rejects))
                    documents, passages, rejects = [], [], []
        passages += self._cut(group)
        if documents or rejects:
            yield _Batch(len(documents) + len(rejects), len(documents), tuple(passages), tuple(rejects))

    def _cut(self, documents: Sequence[Document]) -> list[Passage]:
        return [passage for passages in self.cutter.cut_batch(documents) for passage in passages]

    def _finish(self, batch: _Batch) -> Segment:
        passages = batch.passages
        ids = [passage.id for passage in passages]
        dense, reused = self._embed(passages, ids)
        sparse = self.lexical.encode_passages(
            [passage.text for passage in passages], [passage.language for passage in passages]
        )
        points = tuple(
            Point(id=id_, dense=vector, sparse=terms, payload=to_payload(passage))
            for id_, passage, vector, terms in zip(ids, passages, dense, sparse, strict=True)
        )
        return Segment(
            items=batch.items,
            documents=batch.documents,
            points=points,
            rejects=tuple(reject.to_dict() for reject in batch.rejects),
            reused=reused,
        )

    def _embed(self, passages: Sequence[Passage], ids: Sequence[str]) -> tuple[FloatArray, int]:
        known = self.lookup(ids)
        dense: FloatArray = np.zeros((len(passages), self.encoder.dimension), dtype=np.float32)
        missing = []
        for row, (id_, passage) in enumerate(zip(ids, passages, strict=True)):
            old = known.get(id_)
            if old is not None and old.dense is not None and old.payload.get("hash") == passage.content_hash:
                dense[row] = old.dense
            else:
                missing.append(row)
        if missing:
            dense[missing] = self._encode([passages[row] for row in missing])
        return dense, len(passages) - len(missing)

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
