"""Define the result of a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, overload

from searchapp.datatypes.aliases import Mode
from searchapp.datatypes.languages import LanguageSpan
from searchapp.datatypes.reports import LanguageReport


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search.

    Attributes:
        id: Point id.
        document_id: Id of the passage's document in its source.
        rank: Rank in this result, from 1.
        score: Sort key of the ranking, comparable within one result only.
        text: The passage.
        title: Title of its document; empty if it has none.
        language: BCP 47 primary subtag of the passage, or `und`.
        start: Offset of the passage in its document, in Unicode code points.
        end: Offset after its last character.
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
        hits: The passages found, best first.
        spans: The query's spans with their languages.
        report: Which languages the hits favour, and how certain that is.
        timings: Milliseconds by step: `detect`, `expand`, `encode`, `debias`, `retrieve`, `fetch`, `extend` (more
            candidates, if the stages left too few), each stage by its name, `report` and `total`. A step that was not
            needed is missing.
        collection: Name of the collection that was searched.
        mode: How it was searched: `hybrid`, `dense` or `lexical`.
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
        """Return whether the encoder finds no hit relevant; False if there is none or the relevance is unknown."""
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
