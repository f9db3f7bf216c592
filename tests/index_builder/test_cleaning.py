"""Test that what interrupted builds and deletions leave, and nothing else, is found, reported and removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import EVERY_ENGINE, build, documents, open_catalog

from index_builder import clean, delete_collection
from index_builder.lock import build_lock
from index_builder.rejects import Reject
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import StoreError
from searchapp.stores import edge_trash
from searchapp.stores.base import StoreSpec
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.names import CollectionName, VersionName


class Killed(BaseException):
    """Simulates SIGKILL: no handler of ours catches it."""


def many(count: int = 60) -> list[Document]:
    return [Document(id=str(n), text=f"Passage number {n}.", language="en") for n in range(count)]


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and path.parent.name != "locks"}


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_an_incomplete_version_is_found_and_removed(home: Path, engine: str) -> None:
    catalog, work = open_catalog(engine, home), home / "builds"
    report = build(home, documents(), catalog=catalog)
    orphan = VersionName.new(suffix="ab")
    catalog.create("docs", orphan, StoreSpec(dimension=HashingEncoder().dimension)).close()
    assert "docs" in catalog.leftovers()
    with build_lock(work, CollectionName("docs")):
        (busy,) = clean(catalog, work=work)
    assert busy.busy and not busy.removed
    (done,) = clean(catalog, work=work)
    assert any(orphan in name for name in done.removed)
    assert catalog.leftovers() == {}
    assert clean(catalog, work=work) == []
    assert catalog.live_version("docs") == report.version


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_the_next_build_removes_them_too(home: Path, engine: str) -> None:
    catalog = open_catalog(engine, home)
    build(home, documents(), catalog=catalog)
    catalog.create("docs", VersionName.new(suffix="ab"), StoreSpec(dimension=HashingEncoder().dimension)).close()
    build(home, documents(), catalog=catalog, digest="two")
    assert catalog.leftovers() == {}


@pytest.mark.parametrize("moment", ["before the renaming", "before the files go"])
def test_a_deletion_that_is_killed_leaves_all_or_nothing(
    home: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, work = EdgeCatalog(home), home / "builds"
    first = build(home, documents())
    second = build(home, documents(), digest="two")

    def killed(*arguments: object, **more: object) -> None:
        raise Killed

    for delete in (lambda: catalog.delete_version("docs", first.version), lambda: catalog.delete_collection("docs")):
        with monkeypatch.context() as patch:
            if moment == "before the renaming":
                patch.setattr(Path, "rename", killed)
            else:
                patch.setattr(edge_trash.shutil, "rmtree", lambda path, ignore_errors=False: ignore_errors or killed())
            with pytest.raises(Killed):
                delete()
    if moment == "before the renaming":
        assert [info.version for info in catalog.versions("docs")] == [first.version, second.version]
        assert catalog.leftovers() == {}
    else:
        assert catalog.collections() == []
        assert list(catalog.leftovers()) == ["docs"]
        clean(catalog, work=work)
        assert files(home) == set()


def test_the_journal_of_a_build_that_can_go_on_is_kept_unless_asked(home: Path) -> None:
    class Stops(HashingEncoder):
        def encode_passages(self, texts, *, contexts=None):
            if "Passage number 40." in texts:
                raise KeyboardInterrupt
            return super().encode_passages(texts, contexts=contexts)

    catalog, work = EdgeCatalog(home), home / "builds"
    with pytest.raises(KeyboardInterrupt):
        build(home, many(), encoder=Stops(), batch=8)
    (done,) = clean(catalog, work=work)
    assert done.unfinished == 1
    assert not (home / "collections" / "docs").exists(), "its store is made anew anyway"
    assert build(home, many(), batch=8).resumed > 0
    with pytest.raises(KeyboardInterrupt):
        build(home, many(), encoder=Stops(), batch=8, collection="other")
    clean(catalog, "other", work=work, unfinished=True)
    assert build(home, many(), batch=8, collection="other").resumed == 0


def test_rejects_go_with_their_version_and_with_their_collection(home: Path) -> None:
    bad = Reject("a.jsonl", 2, "text is empty", "empty text", "{}")
    catalog, work = EdgeCatalog(home), home / "builds"
    reports = [build(home, [*many(3), bad], digest=str(n), keep=1) for n in range(3)]
    there = sorted(path.stem for path in (work / "rejects" / "docs").iterdir())
    assert there == [report.version for report in reports[1:]]
    delete_collection(catalog, "docs", work=work)
    assert files(home) == set()


def test_an_old_version_that_cannot_be_deleted_is_a_note_and_no_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(home, documents())

    def refused(*_: object) -> None:
        raise StoreError("500 from the server")

    with monkeypatch.context() as patch:
        patch.setattr(EdgeCatalog, "delete_version", refused)
        report = build(home, documents(), digest="two", keep=0)
    assert EdgeCatalog(home).live_version("docs") == report.version
    assert f"{first.version} could not be deleted (500 from the server)" in report.notes[0]
    assert len(build(home, documents(), digest="three", keep=0).notes) == 0
    assert len(EdgeCatalog(home).versions("docs")) == 1


def test_what_is_not_ours_is_left_alone(home: Path) -> None:
    build(home, documents())
    mine = home / "collections" / "docs" / "versions" / "my backup" / "precious"
    mine.parent.mkdir()
    mine.write_text("mine")
    clean(EdgeCatalog(home), work=home / "builds")
    build(home, documents(), digest="two")
    assert mine.read_text() == "mine"


def test_collections_of_other_programs_on_a_server_are_left_alone(home: Path) -> None:
    from qdrant_client import QdrantClient

    from searchapp.stores.server_catalog import ServerCatalog

    client = QdrantClient(":memory:")
    client.create_collection("their__things", vectors_config={})
    catalog = ServerCatalog(client)
    assert catalog.leftovers() == {}
    clean(catalog, work=home / "builds")
    assert client.collection_exists("their__things")
