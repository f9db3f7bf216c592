"""Define the values that the stages pass to each other. All are frozen; computed numbers are properties."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
"""A float32 array. Embeddings are (n, dimension), of unit length unless stated otherwise."""

Qrels: TypeAlias = dict[str, dict[str, int]]
"""qid -> pid -> relevance."""

Run: TypeAlias = dict[str, dict[str, float]]
"""qid -> pid -> score."""

Mode: TypeAlias = Literal["dense", "lexical", "hybrid"]

Filters: TypeAlias = Mapping[str, Any]
"""Payload field -> a value, a list of alternative values, or a range such as `{"gte": 1990, "lt": 2000}`."""

Fusion: TypeAlias = Literal["interleaved", "convex", "rrf", "wrrf", "dbsf"]

UNKNOWN_LANGUAGE = "und"
_NAMESPACE = uuid.UUID("6d7b1c7e-9a55-5f0e-8b1b-2f6f0c6a9d11")


@dataclass(frozen=True, slots=True)
class Document:
    """An item of a source before it is cut into passages.

    Attributes:
        id: Id, unique within the source.
        text: The whole text. Offsets of passages count its characters (Unicode code points).
        title: Title, shown with the hits and encoded as context.
        language: BCP 47 primary subtag from the source; None to detect the language of each passage.
        boundaries: Passage spans `(start, end)` given by the source (XQuAD-R's sentences); None to cut the text.
        metadata: Other fields, kept in the payload and usable in filters.
    """

    id: str
    text: str
    title: str = ""
    language: str | None = None
    boundaries: tuple[tuple[int, int], ...] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term weights: distinct indices in [0, 2³²) and their values, in the same order."""

    indices: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.indices)


def passage_id(document_id: str, index: int) -> str:
    """Compute the point id of a passage (uuid5): the same passage has the same id in every build.

    Args:
        document_id: Id of its document.
        index: Its index in the document, from 0.
    """
    return str(uuid.uuid5(_NAMESPACE, f"{document_id}\x00{index}"))


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of text that is embedded and returned.

    Attributes:
        document_id: Id of its document.
        index: Index in the document, from 0.
        text: Text that is shown and encoded.
        start: Offset of the first character in the document's text.
        end: Offset after the last character.
        context: Surrounding text, encoded at a lower weight (as in LAReQA); may be empty.
        language: BCP 47 primary subtag, or `und`.
        confidence: Confidence of the detection in [0, 1]; 1.0 if the source gives the language.
        script: ISO 15924 code of most of its letters (`Latn`, `Arab`, …; `Zyyy` without letters).
    """

    document_id: str
    index: int
    text: str
    start: int
    end: int
    title: str = ""
    context: str = ""
    language: str = UNKNOWN_LANGUAGE
    confidence: float = 0.0
    script: str = "Zyyy"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Point id, computed from document id and passage index (uuid5), so that rebuilds are idempotent."""
        return passage_id(self.document_id, self.index)

    @property
    def content_hash(self) -> str:
        """Digest of what encoder and lexical leg read: the same hash and fingerprint give the same vectors."""
        parts = "\x00".join((self.text, self.title, self.context, self.language))
        return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Detection:
    """A detected language: BCP 47 primary subtag or `und`, confidence in [0, 1], ISO 15924 script."""

    language: str
    confidence: float
    script: str


@dataclass(frozen=True, slots=True)
class LanguageSpan:
    """A part of a text in one language; `text == whole[start:end]`.

    Attributes:
        text: Text of the span.
        start: Offset of the first character in the whole text.
        end: Offset after the last character.
        language: BCP 47 primary subtag, or `und`.
        confidence: Confidence of the detection, in [0, 1].
        script: ISO 15924 code of most of its letters.
        alternatives: Other languages that a short span may be in, likeliest first. The lexical leg also searches for the
            forms of its words in them.
    """

    text: str
    start: int
    end: int
    language: str
    confidence: float
    script: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search.

    Attributes:
        id: Point id.
        rank: Rank in this result, from 1.
        score: Sort key of the ranking, comparable within one result only.
        scores: Parts of the score by stage, such as `dense`, `lexical`, `fused`.
        payload: Metadata of the passage.
        also_in: Language -> ids of the passages that `collapse` removed in favour of this one, most relevant first.
        relevant: Whether the encoder finds the passage relevant, by its calibrated threshold; None if unknown, as in a
            lexical search.
    """

    id: str
    document_id: str
    rank: int
    score: float
    text: str
    title: str
    language: str
    start: int
    end: int
    scores: Mapping[str, float] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    also_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    relevant: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the hit as plain values for JSON."""
        return {
            "id": self.id,
            "document_id": self.document_id,
            "rank": self.rank,
            "score": self.score,
            "scores": dict(self.scores),
            "title": self.title,
            "text": self.text,
            "language": self.language,
            "start": self.start,
            "end": self.end,
            "payload": dict(self.payload),
            "also_in": {language: list(ids) for language, ids in self.also_in.items()},
            "relevant": self.relevant,
        }


@dataclass(frozen=True, slots=True)
class LanguageShare:
    """One language's share of the hits.

    Attributes:
        count: Number of hits in this language.
        total: Number of all hits.
        baseline: Share without bias, in [0, 1].
        low: Lower end of the confidence interval of the share.
        high: Upper end of the interval.
    """

    language: str
    count: int
    total: int
    baseline: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Observed share of the hits."""
        return self.count / self.total if self.total else 0.0

    @property
    def lift(self) -> float | None:
        """Observed share divided by the baseline; None if the baseline is 0."""
        return self.share / self.baseline if self.baseline > 0 else None

    @property
    def lift_interval(self) -> tuple[float, float] | None:
        """Confidence interval of the lift; None if the baseline is 0."""
        return (self.low / self.baseline, self.high / self.baseline) if self.baseline > 0 else None

    @property
    def verdict(self) -> Literal["over", "under", "unclear"]:
        """`over` or `under` if the interval excludes the baseline, else `unclear`, as with few hits."""
        if self.low > self.baseline:
            return "over"
        return "under" if self.high < self.baseline else "unclear"

    def to_dict(self) -> dict[str, Any]:
        """Return the share and its computed numbers as plain values for JSON."""
        interval = self.lift_interval
        return {
            **asdict(self),
            "share": self.share,
            "lift": self.lift,
            "lift_interval": None if interval is None else list(interval),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class LanguageReport:
    """The languages of the hits compared with a baseline, sorted by share, then code."""

    shares: tuple[LanguageShare, ...]
    baseline: str
    confidence: float

    def __getitem__(self, language: str) -> LanguageShare:
        for share in self.shares:
            if share.language == language:
                return share
        raise KeyError(language)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "baseline": self.baseline,
            "confidence": self.confidence,
            "languages": [share.to_dict() for share in self.shares],
        }


@dataclass(frozen=True, slots=True)
class Move:
    """A passage that a ranking stage moved. Ranks start at 1; None means outside the first `limit`."""

    id: str
    language: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class RankingStep:
    """What one stage after retrieval changed among the first `limit` hits, and its cost.

    Attributes:
        name: `rerank`, `collapse`, `balance`, `diversity` or `per language`.
        moves: Passages whose rank changed, or that entered or left.
        relevance_lost: Share of the discounted relevance that was lost, 0 to 1. Relevance is the score before the stage,
            scaled to [0, 1] over the candidates and discounted as in DCG. Never negative, as the previous order is optimal.
        before: Language report before the stage. The report after it is that of the next step or of the result.
    """

    name: str
    moves: tuple[Move, ...]
    relevance_lost: float
    before: LanguageReport

    def to_dict(self) -> dict[str, Any]:
        """Return the step as plain values for JSON."""
        return {
            "name": self.name,
            "moves": [asdict(move) for move in self.moves],
            "relevance_lost": self.relevance_lost,
            "before": self.before.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of one query: a sequence of hits, best first, and information about them.

    Attributes:
        query: The query as given.
        spans: The query's spans with their languages.
        timings: Milliseconds by step (`detect`, `encode`, `debias` if used, `retrieve`, `report`, `total`).
        version: Version of the collection that was searched.
        notes: Notes for the user, such as that the lexical leg does not support a language.
        steps: What each stage after retrieval changed and cost, in order; empty for a plain search.
        offset: Number of hits skipped; the first hit's rank is one more.
        unmatched: Searched languages in which the lexical leg matched no candidate, so that their hits come from the dense
            leg alone. Always empty in a dense search, which has no lexical leg.
    """

    query: str
    hits: tuple[Hit, ...]
    spans: tuple[LanguageSpan, ...]
    report: LanguageReport
    timings: Mapping[str, float]
    collection: str
    version: str
    mode: Mode
    notes: tuple[str, ...] = ()
    steps: tuple[RankingStep, ...] = ()
    offset: int = 0
    unmatched: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The query's languages in order of appearance, each once."""
        return tuple(dict.fromkeys(span.language for span in self.spans))

    @property
    def nothing_relevant(self) -> bool:
        """Whether the encoder finds none of the hits relevant; False if there are none or their relevance is unknown."""
        return bool(self.hits) and all(hit.relevant is False for hit in self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, place: int) -> Hit: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Hit, ...]: ...

    def __getitem__(self, place: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[place]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values for JSON, in the format of the command line, the API and the page."""
        return {
            "query": self.query,
            "languages": list(self.languages),
            "spans": [asdict(span) | {"alternatives": list(span.alternatives)} for span in self.spans],
            "collection": self.collection,
            "version": self.version,
            "mode": self.mode,
            "offset": self.offset,
            "nothing_relevant": self.nothing_relevant,
            "hits": [hit.to_dict() for hit in self.hits],
            "report": self.report.to_dict(),
            "steps": [step.to_dict() for step in self.steps],
            "unmatched": list(self.unmatched),
            "notes": list(self.notes),
            "timings": dict(self.timings),
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a long task, such as a build, an evaluation or a training run.

    Attributes:
        stage: Current stage, such as `indexing`.
        fraction: Share of the stage that is done, in [0, 1]; None if unknown.
        counts: Named figures in display order: `{"documents": 10, "passages": 25}`.
    """

    stage: str
    fraction: float | None = None
    counts: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: str, done: int, total: int, *, unit: str) -> Progress:
        """Create the progress of a task with a known number of items.

        Args:
            stage: Current stage.
            done: Number of items done.
            total: Number of all items.
            unit: Name of the items, such as `queries`.
        """
        return cls(stage, done / total if total else None, {unit: done})

    @property
    def detail(self) -> str:
        """Format the counts for people: `10 documents, 25 passages`; fractional figures as `loss 0.1234`."""
        return ", ".join(
            f"{name} {value:.4f}" if isinstance(value, float) else f"{value:,} {name}"
            for name, value in self.counts.items()
        )


Tell: TypeAlias = Callable[[Progress], None]
"""Receives progress in the working thread, at most a few times a second."""
