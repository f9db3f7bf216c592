"""Define retrieval tasks: queries, a pool of passages in many languages, and qrels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from searchapp.datatypes import UNKNOWN_LANGUAGE, Qrels
from searchapp.errors import InputError

QUALITY_MEASURES = ("mAP", "nDCG@10", "R@20", "RR@10", "P@10")


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """A query.

    Attributes:
        id: Query id (qid), unique in the task.
        languages: BCP 47 primary subtags; several for a mixed-language query.
        group: Shared by translations of one query; empty if there are none.
    """

    id: str
    text: str
    languages: tuple[str, ...] = (UNKNOWN_LANGUAGE,)
    group: str = ""

    @property
    def language(self) -> str:
        """The language, or `de+es` for a mixed-language query."""
        return "+".join(self.languages)


@dataclass(frozen=True, slots=True)
class TaskPassage:
    """A passage of the pool.

    Attributes:
        id: Passage id (pid), unique in the task.
        context: Text encoded together with the passage; may be empty.
        document_id: Document id in an index of the same source, if it is not `id` itself.
        index: Index of the passage in that document.
    """

    id: str
    text: str
    language: str = UNKNOWN_LANGUAGE
    context: str = ""
    document_id: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class RetrievalTask:
    """Queries, passages and relevance judgements, checked on creation.

    Attributes:
        name: Name such as `xquad-r`.
        qrels: qid -> pid -> relevance; above 0 is relevant (a *gold*). Queries without a gold are not evaluated.
        measures: Measures to compute, the main one first.
        excluded: qid -> pids to ignore for the query, such as the query's own text.
        source: Origin of the data, for messages.
        missing: qid -> pid -> relevance of golds that the corpus lacks; they count as never found.

    Raises:
        InputError: Ids are not unique, or there is nothing to evaluate.
    """

    name: str
    queries: tuple[TaskQuery, ...]
    passages: tuple[TaskPassage, ...]
    qrels: Qrels
    measures: tuple[str, ...] = QUALITY_MEASURES
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    source: str = ""
    missing: Qrels = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        pids = _unique((passage.id for passage in self.passages), kind="passage", source=self.source)
        _unique((query.id for query in self.queries), kind="query", source=self.source)
        judged = [query for query in self.queries if any(value > 0 for value in self.qrels.get(query.id, {}).values())]
        if not judged:
            raise InputError(
                f"none of the {len(self.queries)} queries has a relevant passage in the qrels; do their query ids agree?",
                path=self.source or None,
            )
        object.__setattr__(self, "queries", tuple(judged))
        missing = {
            query.id: {pid: value for pid, value in self.qrels[query.id].items() if value > 0 and pid not in pids}
            for query in judged
        }
        object.__setattr__(self, "missing", {qid: golds for qid, golds in missing.items() if golds})
        if not any(value > 0 and pid in pids for query in judged for pid, value in self.qrels[query.id].items()):
            qid, golds = next(iter(self.missing.items()))
            raise InputError(
                f"the corpus contains none of the relevant passages; the qrels of query {qid!r} name {next(iter(golds))!r}. "
                "Do the passage ids agree?",
                path=self.source or None,
            )

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know to judge the figures."""
        if not self.missing:
            return ()
        count = sum(map(len, self.missing.values()))
        qid, golds = next(iter(self.missing.items()))
        return (
            f"{count:,} relevant passages of {len(self.missing):,} queries are not in the corpus, such as "
            f"{next(iter(golds))!r} of query {qid!r}; they count as never found in the whole pool.",
        )

    @property
    def main_measure(self) -> str:
        """The measure that is usually reported for this task."""
        return self.measures[0]

    @property
    def has_corpus(self) -> bool:
        """Return whether the passages' texts are known; otherwise only collections and runs can be evaluated."""
        return any(passage.text for passage in self.passages)

    @property
    def query_languages(self) -> tuple[str, ...]:
        """The query languages, sorted."""
        return tuple(sorted({query.language for query in self.queries}))

    @property
    def passage_languages(self) -> tuple[str, ...]:
        """The languages of the pool, sorted."""
        return tuple(sorted({passage.language for passage in self.passages}))

    @property
    def digest(self) -> str:
        """Hash of the content; figures with equal digests are comparable."""
        digest = hashlib.blake2b(digest_size=8)
        for query in sorted(self.queries, key=lambda query: query.id):
            golds = sorted((pid, value) for pid, value in self.qrels[query.id].items() if value > 0)
            digest.update(repr((query.id, query.text, query.languages, golds)).encode("utf-8", "surrogatepass"))
        for passage in sorted(self.passages, key=lambda passage: passage.id):
            content = (passage.id, passage.text, passage.language, passage.context)
            digest.update(repr(content).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def _unique(ids: Iterable[str], *, kind: str, source: str) -> set[str]:
    counts = Counter(ids)
    repeated = [identifier for identifier, count in counts.items() if count > 1]
    if repeated:
        raise InputError(
            f"{len(repeated)} {kind} ids occur more than once, such as {repeated[0]!r}; ids must be unique",
            path=source or None,
        )
    return set(counts)
