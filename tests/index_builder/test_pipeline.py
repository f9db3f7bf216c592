"""Test that large documents are split over segments, memory is bounded, and every row is accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import build, everything

from index_builder import BuildOptions, build_index
from index_builder.batches import Batches
from index_builder.journal import Journal
from index_builder.pipeline import COPIES, Pipeline
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import BuildError, ConfigurationError, InputError, SearchAppError
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.detection import FastDetector
from searchapp.text.passages import PassageCutter


def book(sentences: int, *, name: str = "book", metadata: int = 10) -> Document:
    text = " ".join(f"Sentence number {n} of the book tells of subject {n % 13}." for n in range(sentences))
    return Document(name, text, title="A book", language="en", metadata={"shelf": "x" * metadata})


def library() -> list[Document]:
    return [book(3, name="leaflet"), book(100), book(2, name="note"), book(20, name="tome")]


def pipeline(**settings: int) -> Pipeline:
    cutter = PassageCutter(FastDetector(), budget=16)
    return Pipeline(
        cutter=cutter, encoder=HashingEncoder(), lexical=LexicalEncoder(), lookup=lambda ids: {}, **settings
    )


def test_a_document_larger_than_a_segment_goes_on_in_the_next() -> None:
    segments = list(pipeline(batch=16).segments(library()))
    assert max(len(segment.points) for segment in segments) == 16
    assert sum(segment.documents for segment in segments) == 4
    assert [segment for segment in segments if segment.documents == 0], "some hold the middle of a document only"
    ids = [point.id for segment in segments for point in segment.points]
    assert len(set(ids)) == len(ids) == sum(len(found.points) for found in pipeline().segments(library()))
    for place, segment in enumerate(segments[:-1]):  # whichever segment was the last before a kill
        done = segments[: place + 1]
        rest = library()[sum(one.items for one in done) :]
        again = list(pipeline(batch=16).segments(rest, started=segment.started))
        resumed = [point.id for one in [*done, *again] for point in one.points]
        assert resumed == ids


def test_a_kill_in_the_middle_of_a_document_is_resumed_there(home: Path) -> None:
    class Stops(HashingEncoder):
        def encode_passages(self, texts, *, contexts=None):
            if any("number 70 " in text for text in texts):
                raise KeyboardInterrupt
            return super().encode_passages(texts, contexts=contexts)

    settings = {"batch": 16, "passage_tokens": 16}
    with pytest.raises(KeyboardInterrupt):
        build(home, library(), encoder=Stops(), **settings)
    report = build(home, library(), **settings)
    assert report.resumed > 16
    assert (report.documents, report.rejected) == (4, 0)
    fresh = home.parent / "fresh"
    build(fresh, library(), passage_tokens=16)
    assert everything(home) == everything(fresh)


def test_passages_waiting_take_no_more_memory_than_the_setting() -> None:
    document = book(200, metadata=20_000)  # 4 MB, in each of several forms, if all passages were in memory at once
    memory = 4 * 2**20
    made = pipeline(memory=memory)
    segments = list(made.segments([document, book(3, name="leaflet")]))
    sizes = [sum(len(json.dumps(point.payload)) for point in segment.points) for segment in segments]
    assert max(sizes) * COPIES * (made.workers + 2) <= memory
    assert len(segments) > 10
    assert sum(len(segment.points) for segment in segments) == sum(
        len(segment.points) for segment in pipeline().segments([document, book(3, name="leaflet")])
    )
    (alone, *_) = pipeline(memory=1).segments([document])
    assert len(alone.points) == 1, "a passage larger than the memory still is indexed"


def test_the_journal_holds_the_metadata_of_a_document_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for segment in pipeline().segments([book(50, metadata=100_000), book(1, name="note")]):
        journal.append(segment)
    assert sum(path.stat().st_size for path in journal.paths()) < 300_000
    (segment,) = journal.replay()
    assert len(segment.points[0].payload["metadata"]["shelf"]) == 100_000
    assert segment.points[0].payload["metadata"] is segment.points[1].payload["metadata"]


def test_a_document_without_passages_is_a_reject(home: Path) -> None:
    blank = Document("blank", "\u00a0 \u2003\n", language="en")
    outside = Document("outside", "Text that no boundary holds.", boundaries=((4, 5),))
    report = build(home, [book(2), blank, outside])
    assert (report.documents, report.rejected, report.reasons) == (1, 2, {"empty text": 1, "no passage": 1})
    with pytest.raises(InputError, match="strict"):
        build(home, [book(2), blank], digest="two", strict=True)


def test_a_source_that_changes_while_it_is_read_does_not_go_live(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = '{"id": "%d", "text": "Row number %d."}\n'
    path.write_text("".join(row % (n, n) for n in range(5_000)))

    def truncate(state) -> None:
        if state.stage == "indexing":
            with path.open("r+") as file:
                file.truncate(100_000)

    with pytest.raises(SearchAppError, match="changed while it was read"):
        build_index(path, "docs", encoder=HashingEncoder(), home=home, progress=truncate)
    assert EdgeCatalog(home).collections() == []
    assert not list((home / "builds" / "journals").glob("*/*")), "what was read is of no use"
    assert build_index(path, "docs", encoder=HashingEncoder(), home=home).documents > 1_000


def test_rows_that_get_lost_on_the_way_are_noticed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Batches._cut

    def forgetful(self, items):
        for place, found in enumerate(cut(self, items)):
            if place != 1:
                yield found

    monkeypatch.setattr(Batches, "_cut", forgetful)
    with pytest.raises(BuildError, match="4 rows were read, but 3 were indexed and 0 rejected"):
        build(home, library())
    assert EdgeCatalog(home).collections() == []


def test_documents_of_a_program_are_checked_like_rows(home: Path) -> None:
    given = [book(1), book(1), Document("empty", " "), book(1, name="other")]
    report = build_index(given, "docs", encoder=HashingEncoder(), home=home)
    assert (report.documents, report.reasons) == (2, {"duplicate id": 1, "empty text": 1})
    with pytest.raises(InputError, match=r"documents:2: str, expected a Document"):
        build_index([book(1), "text"], "docs", encoder=HashingEncoder(), home=home)  # type: ignore[list-item]


@pytest.mark.parametrize(
    "options",
    [
        {"keep": -1},
        {"keep": True},
        {"batch": 0},
        {"memory": 0.5},
        {"strict": "yes"},
        {"detector": None},
        {"format": 5},
        {"columns": {}},
        {"index_fields": 5},
        {"index_fields": {"": "integer"}},
        {"index_fields": {"a": "date"}},
    ],
)
def test_options_that_cannot_be_used_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options)).split("_")[0]):
        BuildOptions(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [5, None, object(), True])
def test_what_is_no_source_is_refused(home: Path, source: object) -> None:
    with pytest.raises(InputError, match="expected a path, a Source or an iterable"):
        build_index(source, "docs", encoder=HashingEncoder(), home=home)  # type: ignore[arg-type]
