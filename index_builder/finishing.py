"""Turn batches of passages into segments: reuse or make embeddings, and weight terms."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from index_builder.batches import Batch
from index_builder.journal import Segment
from searchapp.datatypes import FloatArray, Passage
from searchapp.encoders.base import Encoder, reading
from searchapp.errors import EncoderError
from searchapp.stores.base import Point, ScoredPoint
from searchapp.stores.payload import Payload
from searchapp.text.bm25 import LexicalEncoder

Lookup = Callable[[Sequence[str]], "dict[str, ScoredPoint]"]
"""Maps point ids to the points of the live version, with vectors, whose embeddings may be reused."""


@dataclass(frozen=True, slots=True)
class Finisher:
    """Makes the points of a batch. Thread-safe if its encoder is.

    Attributes:
        encoder: Embeds the passages.
        lexical: Weights the terms of the passages.
        lookup: Finds reusable embeddings in the live version.
        known: Further reusable embeddings, (dimension,) each, by the digest of what the encoder reads.
    """

    encoder: Encoder
    lexical: LexicalEncoder
    lookup: Lookup
    known: Mapping[str, FloatArray] = field(default_factory=dict)

    def segment(self, batch: Batch) -> Segment:
        """Finish a batch.

        Args:
            batch: Passages, and the rejects between them.
        """
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


def digest_of(text: str) -> str:
    """Compute the digest of a text, such as what an encoder reads, so that equal readings share an embedding.

    Args:
        text: Any text, also with lone surrogates.
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
