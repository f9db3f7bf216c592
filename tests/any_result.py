"""Draw any result of a search: all languages, texts, marks and metadata, and a client that returns it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from searchapp.client import SearchClient
from searchapp.datatypes import Hit, LanguageSpan, Move, RankingStep, SearchResult
from searchapp.search.language_report import language_report

LANGUAGES = ("de", "zh", "ar", "th", "und")
FIELDS = {
    "query": str, "languages": list, "spans": list, "collection": str, "version": str, "mode": str, "offset": int,
    "nothing_relevant": bool, "hits": list, "report": dict, "steps": list, "unmatched": list, "notes": list, "timings": dict,
}  # fmt: skip
HIT_FIELDS = {
    "id": str, "document_id": str, "rank": int, "score": float, "scores": dict, "title": str, "text": str, "language": str,
    "start": int, "end": int, "payload": dict, "also_in": dict, "relevant": (bool, type(None)),
}  # fmt: skip

TEXT = st.text(max_size=40)  # hypothesis leaves out lone surrogates unless asked, as the readers do
NUMBER = st.floats(-1e6, 1e6)
LANGUAGE = st.sampled_from(LANGUAGES)
METADATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
PAYLOAD = st.dictionaries(TEXT, METADATA, max_size=3)


@st.composite
def hits(draw: st.DrawFn, *, rank: int) -> Hit:
    text = draw(TEXT)
    return Hit(
        id=draw(st.uuids().map(str)),
        document_id=draw(TEXT),
        rank=rank,
        score=draw(NUMBER),
        text=text,
        title=draw(TEXT),
        language=draw(LANGUAGE),
        start=0,
        end=len(text),
        scores=draw(st.dictionaries(st.sampled_from(("dense", "lexical", "fused")), NUMBER)),
        payload=draw(PAYLOAD),
        also_in=draw(st.dictionaries(LANGUAGE, st.lists(TEXT, max_size=2).map(tuple), max_size=2)),
        relevant=draw(st.none() | st.booleans()),
    )


@st.composite
def results(draw: st.DrawFn) -> SearchResult:
    found = tuple(draw(hits(rank=rank)) for rank in range(1, 1 + draw(st.integers(0, 3))))
    query = draw(st.text(min_size=1, max_size=30))
    report = language_report([hit.language for hit in found], draw(st.dictionaries(LANGUAGE, st.integers(1, 99))))
    place = st.none() | st.integers(1, 9)
    moves = st.builds(Move, id=TEXT, language=LANGUAGE, before=place, after=place)
    steps = st.builds(
        RankingStep,
        name=st.sampled_from(("rerank", "balance")),
        moves=st.lists(moves, max_size=2).map(tuple),
        relevance_lost=st.floats(0, 1),
        before=st.just(report),
    )
    span = LanguageSpan(query, 0, len(query), draw(LANGUAGE), 0.5, "Latn", tuple(draw(st.lists(LANGUAGE, max_size=2))))
    return SearchResult(
        query=query,
        hits=found,
        spans=(span,),
        report=report,
        timings={"total": draw(st.floats(0, 1e4))},
        collection="docs",
        version="v1",
        mode=draw(st.sampled_from(("hybrid", "dense", "lexical"))),
        notes=tuple(draw(st.lists(TEXT, max_size=2))),
        steps=tuple(draw(st.lists(steps, max_size=2))),
        unmatched=tuple(draw(st.lists(LANGUAGE, max_size=2))),
    )


class Answering(SearchClient):
    """A client that returns a given result for any query."""

    def __init__(self, result: SearchResult) -> None:
        self.result = result

    def search(self, *args: Any, **choices: Any) -> SearchResult:
        return self.result

    def close(self) -> None:
        return None


def check_shape(record: Any) -> None:
    """Fail unless a record has exactly the documented fields and types, and passes through JSON unchanged."""
    assert json.loads(json.dumps(record)) == record
    _check_fields(record, FIELDS)
    for hit in record["hits"]:
        _check_fields(hit, HIT_FIELDS)
    assert set(record["report"]) == {"baseline", "confidence", "languages"}


def _check_fields(record: dict[str, Any], fields: dict[str, Any]) -> None:
    assert set(record) == set(fields)
    for name, kind in fields.items():
        assert isinstance(record[name], kind), (name, record[name])
