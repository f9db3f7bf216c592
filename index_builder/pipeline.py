"""Turn source items into finished segments in this process. Independent of versions and checkpoints."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from index_builder.batches import Batches, Cutter
from index_builder.finishing import Finisher, Lookup
from index_builder.journal import Segment
from index_builder.rejects import Reject
from searchapp.datatypes import Document, FloatArray
from searchapp.encoders.base import Encoder
from searchapp.text.bm25 import LexicalEncoder

COPIES = 4
"""Copies of a passage in memory at the same time: as a passage, a point, a journal entry and in the engine."""


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

    def segments(self, items: Iterable[Document | Reject], *, started: int = 0) -> Generator[Segment]:
        """Turn items into segments, in order.

        Args:
            items: Items of a source. A document without any passage becomes a reject.
            started: Passages of the first document that an interrupted build already finished.
        """
        batches = Batches(
            cutter=self.cutter,
            dimension=self.encoder.dimension,
            largest=self.memory // (COPIES * (self.workers + 2)),
            path=self.path,
            most=self.batch,
        )
        finisher = Finisher(self.encoder, self.lexical, self.lookup, self.known)
        with ThreadPoolExecutor(self.workers, thread_name_prefix="encode") as pool:
            pending: deque[Future[Segment]] = deque()
            try:
                for batch in batches.of(items, started=started):
                    pending.append(pool.submit(finisher.segment, batch))
                    if len(pending) > self.workers:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()
