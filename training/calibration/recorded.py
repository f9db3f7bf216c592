"""Record both legs of a task's queries once, so that many settings of the fusion can be tried on them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import NAMESPACE_OID, uuid5

import numpy as np

from searchapp.datatypes import FloatArray, LanguageSpan, SparseVector
from searchapp.encoders.base import Encoder
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.search.hybrid import FusionSettings, HybridSearch
from searchapp.stores.base import DENSE, Point, ScoredPoint, Store, StoreSpec
from searchapp.stores.edge import EdgeStore
from searchapp.text.bm25 import LexicalEncoder

DEPTH = 100
"""Number of candidates per leg, as in a search."""


@dataclass(frozen=True, slots=True)
class RecordedQuery:
    """A query and the results of its legs.

    Attributes:
        vector: (dimension,) embedding of the query.
        golds: Ids of the relevant passages.
    """

    vector: FloatArray
    dense: list[ScoredPoint]
    lexical: list[ScoredPoint]
    golds: frozenset[str]


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """A task's queries, and its passages' embeddings.

    Attributes:
        vectors: (passages, dimension) embeddings.
        ids: Id of each passage.
        language_of: Id -> language.
    """

    name: str
    queries: tuple[RecordedQuery, ...]
    vectors: FloatArray
    ids: tuple[str, ...]
    language_of: Mapping[str, str]

    def search(self, query: RecordedQuery, settings: FusionSettings) -> list[str]:
        """Fuse a query's legs as a search with these settings does; return ids, best first.

        Args:
            query: Recorded query, one of `queries`.
            settings: How to fuse the legs.
        """
        replayed = cast(Store, _Replayed(self, query))
        hybrid = HybridSearch(replayed, query.vector, DENSE, SparseVector((1,), (1.0,)), None, settings)
        return [entry.id for entry in hybrid.best(DEPTH)]


@dataclass(frozen=True, slots=True)
class _Replayed:
    """Provides the store methods that `HybridSearch` uses, from the record; a second dense search is exact."""

    task: RecordedTask
    query: RecordedQuery

    def query_legs(self, *_: object, **__: object) -> tuple[list[ScoredPoint], list[ScoredPoint]]:
        return self.query.dense, self.query.lexical

    def query_dense(self, vector: FloatArray, *, limit: int, **_: object) -> list[ScoredPoint]:
        scores = self.task.vectors @ vector
        best = np.argsort(-scores, kind="stable")[:limit]
        return [ScoredPoint(self.task.ids[place], float(scores[place]), {}) for place in best.tolist()]

    def retrieve(self, ids: Sequence[str], **_: object) -> list[ScoredPoint]:
        return [ScoredPoint(id_, 0.0, {}, dense=self.task.vectors[self.task.ids.index(id_)]) for id_ in ids]

    def languages(self, ids: Sequence[str]) -> dict[str, str]:
        return {id_: self.task.language_of[id_] for id_ in ids}


def record(task: RetrievalTask, encoder: Encoder) -> RecordedTask:
    """Encode a task and search both legs for each query.

    Args:
        task: Queries, passages and judgements.
        encoder: Embeds the queries and passages.
    """
    lexical = LexicalEncoder()
    texts = [passage.text for passage in task.passages]
    languages = [passage.language for passage in task.passages]
    vectors = encoder.encode_passages(texts)
    asked = encoder.encode_queries([query.text for query in task.queries])
    ids = tuple(str(uuid5(NAMESPACE_OID, passage.id)) for passage in task.passages)
    with _store(encoder.dimension) as store:
        store.upsert(
            [
                Point(id=id_, dense=vector, sparse=terms, payload={"language": language})
                for id_, vector, terms, language in zip(
                    ids, vectors, lexical.encode_passages(texts, languages), languages, strict=True
                )
            ]
        )
        queries = []
        for query, vector in zip(task.queries, asked, strict=True):
            language = query.languages[0]
            span = LanguageSpan(query.text, 0, len(query.text), language, 1.0, "Zyyy")
            dense, found = store.query_legs(vector, lexical.encode_query((span,)), limit=DEPTH)
            golds = frozenset(str(uuid5(NAMESPACE_OID, pid)) for pid in task.qrels[query.id])
            queries.append(RecordedQuery(vector, dense, found, golds))
    return RecordedTask(task.name, tuple(queries), vectors, ids, dict(zip(ids, languages, strict=True)))


@contextmanager
def _store(dimension: int) -> Iterator[Store]:
    with (
        tempfile.TemporaryDirectory() as folder,
        EdgeStore.create(Path(folder) / "shard", StoreSpec(dimension=dimension)) as store,
    ):
        yield store
