"""The values that the stages hand each other; all frozen, computed numbers are properties."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
"""A float32 array; embeddings are (n, dimension), unit length unless said otherwise."""

Qrels: TypeAlias = dict[str, dict[str, int]]
"""qid -> pid -> relevance."""

Run: TypeAlias = dict[str, dict[str, float]]
"""qid -> pid -> score."""

Mode: TypeAlias = Literal["dense", "lexical", "hybrid"]

Filters: TypeAlias = Mapping[str, Any]
"""Payload field -> a value, a list of values (any of them), or a range such as `{"gte": 1990, "lt": 2000}`."""

Fusion: TypeAlias = Literal["interleaved", "convex", "rrf", "wrrf", "dbsf"]

UNKNOWN_LANGUAGE = "und"
_NAMESPACE = uuid.UUID("6d7b1c7e-9a55-5f0e-8b1b-2f6f0c6a9d11")


@dataclass(frozen=True, slots=True)
class Document:
    """One item of a source, before it is cut into passages.

    Attributes:
        id: Unique in its source.
        text: The whole text; passage offsets count its characters (Unicode code points).
        title: Shown with the hits and encoded with the context.
        language: BCP 47 primary subtag when the source says it, else None: it is detected per passage.
        boundaries: Passage spans `(start, end)` given by the source (XQuAD-R's sentences); None to let `passages` cut.
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


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is embedded and returned.

    Attributes:
        document_id: The document that it was cut from.
        index: Its place in the document, from 0.
        text: What is shown and encoded.
        start: Offset of its first character in the document's text.
        end: Offset after its last character.
        context: Surrounding text that is encoded with it at a lower weight (LAReQA's set-up); may be empty.
        language: BCP 47 primary subtag, or `und`.
        confidence: The detector's, in [0, 1]; 1.0 when the source gave the language.
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
        """Deterministic point id (uuid5 of document id and passage index): rebuilds are idempotent."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.document_id}\x00{self.index}"))

    @property
    def content_hash(self) -> str:
        """Digest of what the encoder and the lexical leg read: equal hash and fingerprint, equal vectors."""
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
    """A stretch of a text in one language; `text == whole[start:end]`.

    Attributes:
        text: The stretch.
        start: Offset of its first character in the whole text.
        end: Offset after its last character.
        language: BCP 47 primary subtag, or `und`.
        confidence: The detector's, in [0, 1].
        script: ISO 15924 code of most of its letters.
        alternatives: Other languages that a short stretch may be in, likeliest first: its words are looked for in their
            forms as well.
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
    """One answer.

    Attributes:
        id: The point id.
        rank: From 1, in this result.
        score: What the ranking sorted by; comparable within one result only.
        scores: Its parts by stage, such as `dense`, `lexical`, `fused`.
        payload: The passage's metadata.
        also_in: Language -> ids of the passages that `collapse` left out in favour of this one, most relevant first.
        relevant: Whether the encoder finds the passage relevant, by the threshold that it was calibrated with; None where
            that is not known, as in a lexical search.
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
    """How one language fares among the hits.

    Attributes:
        count: Hits in this language.
        total: All hits.
        baseline: The share that it would have without bias, in [0, 1].
        low: Lower end of the interval of the share.
        high: Upper end.
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
        """Observed share over baseline; None where the baseline is 0."""
        return self.share / self.baseline if self.baseline > 0 else None

    @property
    def lift_interval(self) -> tuple[float, float] | None:
        """Interval of the lift; None where the baseline is 0."""
        return (self.low / self.baseline, self.high / self.baseline) if self.baseline > 0 else None

    @property
    def verdict(self) -> Literal["over", "under", "unclear"]:
        """`over` or `under` when the interval excludes the baseline, else `unclear`: k is small, say so."""
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
    """Which languages the hits favour, against a baseline; sorted by share, then code."""

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
    """A passage that a stage of the ranking moved; ranks from 1 among the first `limit`, None outside them."""

    id: str
    language: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class RankingStep:
    """What one stage after retrieval did to the first `limit` hits, and what it cost.

    Attributes:
        name: `rerank`, `collapse`, `balance`, `diversity` or `per language`.
        moves: Passages whose rank changed, or that came in or fell out.
        relevance_lost: Share of the discounted relevance given up, 0 to 1; relevance is the score before the stage,
            scaled to [0, 1] over the candidates, discounted as in DCG. Negative never: the order before is the best.
        before: The languages before the stage; the result's own report, or the next step's, is what came after.
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
    """The answer to one query: a sequence of hits, best first, with what is known about them.

    Attributes:
        query: As given.
        spans: The query's languages, span by span.
        timings: Milliseconds by stage (`detect`, `encode`, `debias` where it is used, `retrieve`, `report`, `total`).
        version: The index version that answered.
        notes: What the user should know, such as a lexical leg that cannot serve a language.
        steps: What each stage after retrieval changed and cost, in order; empty for a plain search.
        offset: Hits left out before the first one; the first hit's rank is one more.
        unmatched: Languages searched in which the lexical leg matched no candidate: hits in them come from the dense leg
            alone. Always empty in a dense search, which has no such leg.
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
        """Whether there are hits and the encoder finds none of them relevant; False where that is not known."""
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
        """Return the result as plain values for JSON: what the command line, the API and the page hand out."""
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
    """Tells how far a long task (a build, an evaluation, a training run) has come.

    Attributes:
        stage: What is being done now, such as `indexing`.
        fraction: Share of the stage that is done, in [0, 1]; None when it cannot be told.
        counts: Named figures, in the order in which they are shown: `{"documents": 10, "passages": 25}`.
    """

    stage: str
    fraction: float | None = None
    counts: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: str, done: int, total: int, *, unit: str) -> Progress:
        """Tell that a part of a known number of things is done.

        Args:
            stage: What is being done.
            done: How many are done.
            total: How many there are.
            unit: What they are, such as `queries`.
        """
        return cls(stage, done / total if total else None, {unit: done})

    @property
    def detail(self) -> str:
        """Write the counts for people: `10 documents, 25 passages`; fractional figures as `loss 0.1234`."""
        return ", ".join(
            f"{name} {value:.4f}" if isinstance(value, float) else f"{value:,} {name}"
            for name, value in self.counts.items()
        )


Tell: TypeAlias = Callable[[Progress], None]
"""Receives progress, in the thread that works, a few times a second at most."""
