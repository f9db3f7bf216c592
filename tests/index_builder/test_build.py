from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import ListSource, build, documents, everything

from index_builder import build_index
from index_builder.journal import Journal, Segment
from index_builder.lock import build_lock
from index_builder.rejects import Reject
from index_builder.unfinished import discard_unfinished, unfinished_builds
from searchapp.datatypes import Document, FloatArray, SparseVector
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import BuildError, BuildInProgressError, EncoderError, InputError, StorageFullError
from searchapp.stores.base import Point
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.names import CollectionName
from searchapp.text.bm25 import LexicalEncoder


class CountingEncoder(HashingEncoder):
    """Counts passages and stops after a given number."""

    def __init__(self, fail_after: int | None = None) -> None:
        super().__init__()
        self.encoded = 0
        self.fail_after = fail_after

    def encode_passages(self, texts, *, contexts=None) -> FloatArray:
        if self.fail_after is not None and self.encoded + len(texts) > self.fail_after:
            raise KeyboardInterrupt
        self.encoded += len(texts)
        return super().encode_passages(texts, contexts=contexts)


def many(count: int = 60) -> list[Document]:
    return [Document(id=str(n), text=f"Passage number {n} about topic {n % 7}.", language="en") for n in range(count)]


def test_a_build_goes_live_with_a_manifest(home: Path) -> None:
    report = build(home, documents())
    (info,) = EdgeCatalog(home).versions("docs")
    assert info.live
    assert info.version == report.version
    manifest = info.manifest
    assert (manifest.encoder, manifest.fingerprint) == ("fake", HashingEncoder().fingerprint)
    assert manifest.points == report.passages == 6
    assert manifest.languages == {"ar": 1, "de": 1, "en": 1, "es": 1, "th": 1, "zh": 1}
    assert manifest.lexical == LexicalEncoder().configuration
    assert manifest.source == "one"
    assert manifest.software
    assert not list((home / "builds" / "journals" / "docs").iterdir())


def test_unchanged_passages_are_not_encoded_again_and_gone_ones_are_gone(home: Path) -> None:
    build(home, many())
    encoder = CountingEncoder()
    changed = [
        *many()[:50],
        Document(id="3", text="Something else now.", language="en"),
        Document(id="new", text="New.", language="en"),
    ]
    del changed[3]
    report = build(home, changed, digest="two", encoder=encoder)
    assert report.passages == 51
    assert encoder.encoded == 2
    assert report.reused == 49
    fresh = home.parent / "fresh"
    build(fresh, changed, digest="two")
    assert everything(home) == everything(fresh)


def test_another_encoder_reuses_nothing(home: Path) -> None:
    build(home, many())
    assert build(home, many(), encoder=HashingEncoder(32)).reused == 0


def test_old_versions_are_pruned(home: Path) -> None:
    versions = [build(home, many(10), digest=str(number), keep=1).version for number in range(4)]
    assert [info.version for info in EdgeCatalog(home).versions("docs")] == versions[-2:]


def test_an_interrupted_build_resumes_and_equals_an_uninterrupted_one(home: Path) -> None:
    build(home, many(5), digest="old")
    before = everything(home)
    with pytest.raises(KeyboardInterrupt):
        build(home, many(), digest="two", encoder=CountingEncoder(fail_after=40), batch=8)
    assert everything(home) == before, "the live version is untouched"
    encoder = CountingEncoder()
    report = build(home, many(), digest="two", encoder=encoder, batch=8)
    assert report.resumed >= 24
    assert encoder.encoded + report.resumed == 60
    fresh = home.parent / "fresh"
    build(fresh, many(), digest="two", batch=8)
    assert everything(home) == everything(fresh)


@pytest.mark.parametrize("change", [{"digest": "three"}, {"passage_tokens": 64}, {"encoder": HashingEncoder(32)}])
def test_a_changed_build_does_not_resume_and_cleans_up(home: Path, change: dict[str, object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        build(home, many(), digest="two", encoder=CountingEncoder(fail_after=40), batch=8)
    report = build(home, many(), **{"digest": "two", "batch": 8, **change})  # type: ignore[arg-type]
    assert report.resumed == 0
    assert [path.name for path in (home / "collections" / "docs" / "versions").iterdir()] == [report.version]


def test_rejects_are_counted_written_and_the_rest_is_indexed(home: Path) -> None:
    bad = [Reject("a.jsonl", line, "text is empty", "empty text", "{}") for line in (2, 5)]
    report = build(home, [*many(3), *bad, Reject("a.jsonl", 9, "malformed JSON: …", "malformed JSON")])
    assert (report.passages, report.rejected) == (3, 3)
    assert report.reasons == {"empty text": 2, "malformed JSON": 1}
    assert report.rejects_path is not None
    lines = [json.loads(line) for line in Path(report.rejects_path).read_text(encoding="utf-8").splitlines()]
    assert tuple(lines[0][key] for key in ("path", "line", "kind")) == ("a.jsonl", 2, "empty text")


def test_strict_fails_and_nothing_good_never_goes_live(home: Path) -> None:
    first = build(home, many(3))
    bad = Reject("a.jsonl", 7, "text is empty", "empty text")
    with pytest.raises(InputError, match=r"a\.jsonl:7: text is empty"):
        build(home, [*many(3), bad], digest="two", strict=True)
    with pytest.raises(BuildError, match=r"all 1 rows were rejected \(1× empty text\)"):
        build(home, [bad], digest="three")
    with pytest.raises(BuildError, match="contains no documents"):
        build(home, [], digest="four")
    assert EdgeCatalog(home).live_version("docs") == first.version
    assert leftovers(home) == [first.version]


def test_two_builds_of_one_collection_exclude_each_other(home: Path) -> None:
    def nested():
        yield from many(2)
        with pytest.raises(BuildInProgressError, match="being built by process"):
            build(home, many(2), digest="other")
        build(home, many(2), collection="another")

    class Nested(ListSource):
        def __iter__(self):
            return nested()

    build_index(Nested([]), "docs", encoder=HashingEncoder(), home=home)
    assert EdgeCatalog(home).collections() == ["another", "docs"]


def test_bad_embeddings_stop_the_build(home: Path) -> None:
    class Broken(HashingEncoder):
        def encode_passages(self, texts, *, contexts=None) -> FloatArray:
            vectors = super().encode_passages(texts, contexts=contexts)
            vectors[-1, 0] = np.nan
            return vectors

    with pytest.raises(EncoderError, match="NaN or infinity for document '2'"):
        build(home, many(3), encoder=Broken())
    assert EdgeCatalog(home).collections() == []
    assert leftovers(home) == [], "nothing was finished, so there is nothing to resume"
    assert not (home / "collections" / "docs").exists()


def test_a_version_that_does_not_answer_never_goes_live(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(home, many(5))
    monkeypatch.setattr("searchapp.stores.edge.EdgeStore.count", lambda self, filters=None: 4)
    with pytest.raises(BuildError, match="has 4 points, expected 6"):
        build(home, many(6), digest="two")
    assert EdgeCatalog(home).live_version("docs") == first.version
    assert leftovers(home) == [first.version]


def leftovers(home: Path) -> list[str]:
    """Return the folders of versions and of journals."""
    return [
        path.name for place in ("collections/docs/versions", "builds/journals/docs") for path in home.glob(f"{place}/*")
    ]


def test_a_build_that_stopped_half_way_is_told_and_discarded(home: Path) -> None:
    catalog, work = EdgeCatalog(home), home / "builds"
    assert unfinished_builds(catalog, work) == {}
    first = build(home, many(5))
    with pytest.raises(KeyboardInterrupt):
        build(home, many(), digest="two", encoder=CountingEncoder(fail_after=40), batch=8)
    assert unfinished_builds(catalog, work) == {"docs": 5}
    with build_lock(work, CollectionName("docs")):
        assert unfinished_builds(catalog, work) == {}, "it may be running"
        with pytest.raises(BuildInProgressError):
            discard_unfinished(catalog, work, "docs")
    discard_unfinished(catalog, work, "docs")
    assert unfinished_builds(catalog, work) == {}
    assert leftovers(home) == [first.version]


def test_an_error_after_some_batches_keeps_the_journal_and_drops_the_store(home: Path) -> None:
    class Broken(CountingEncoder):
        def encode_passages(self, texts, *, contexts=None) -> FloatArray:
            if self.encoded >= 16:
                raise EncoderError("out of memory")
            return super().encode_passages(texts, contexts=contexts)

    with pytest.raises(EncoderError, match="out of memory"):
        build(home, many(), encoder=Broken(), batch=8)
    (journal,) = leftovers(home)
    assert unfinished_builds(EdgeCatalog(home), home / "builds") == {"docs": 2}
    assert build(home, many(), batch=8).resumed == 16
    assert journal not in leftovers(home)


def test_a_full_disk_stops_the_build_and_it_resumes_later(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("index_builder.build.FREE_BYTES", 2**62)
        with pytest.raises(StorageFullError, match="resumes where it stopped"):
            build(home, many(5))
    assert build(home, many(5)).passages == 5


def test_a_removed_journal_leaves_nothing_to_resume_from_even_when_killed_half_way(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            "index_builder.journal.shutil.rmtree", lambda path, **_: None
        )  # killed before anything is deleted
        build(home, many(), batch=8)
    report = build(home, many(), batch=8)
    assert (report.resumed, report.passages) == (0, 60)
    assert not list((home / "builds" / "journals" / "docs").iterdir())


def test_segments_after_a_gap_are_not_replayed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    for number in range(4):
        journal.append(Segment(items=number, documents=0, points=()))
    (tmp_path / "j" / "00000001.npz").unlink()
    again = Journal(tmp_path / "j")
    again.append(Segment(items=9, documents=0, points=()))
    assert [segment.items for segment in again.replay()] == [0, 9]


def test_journal_round_trip_and_leftovers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    point = Point(
        "id", np.array([0.6, 0.8], dtype=np.float32), SparseVector((1, 4_000_000_000), (0.5, 2.0)), {"text": "é\n"}
    )
    bare = replace(point, id="two", sparse=SparseVector())
    segment = Segment(items=3, documents=2, points=(point, bare), rejects=({"line": 1},), reused=1)
    journal.append(segment)
    journal.append(Segment(items=1, documents=0, points=()))
    (tmp_path / "j" / "00000002.tmp").write_bytes(b"half")
    first, second = Journal(tmp_path / "j").replay()
    assert (first.items, first.documents, first.rejects, first.reused) == (3, 2, ({"line": 1},), 1)
    assert [(p.id, p.dense.tolist(), p.sparse, p.payload) for p in first.points] == [
        (p.id, p.dense.tolist(), p.sparse, p.payload) for p in segment.points
    ]
    assert second.points == ()
    assert not list(tmp_path.rglob("*.tmp"))
