"""Test that the order of versions follows their activations, not their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import EVERY_ENGINE, build, documents, open_catalog

from index_builder import activate
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.base import Catalog, StoreSpec
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.history import activated, oldest_first
from searchapp.stores.manifest import Manifest


def test_a_new_version_comes_first_and_before_the_others_the_one_it_replaces() -> None:
    history: tuple[str, ...] = ()
    live = None
    for version in ("v1", "v2", "v3"):
        history, live = activated(history, version, live=live), version
    assert history == ("v3", "v2", "v1")
    history, live = activated(history, "v1", live=live), "v1"
    assert history == ("v3", "v2", "v1"), "a rollback forgets nothing"
    assert activated(history, "v4", live=live) == ("v4", "v1", "v3", "v2")


def test_versions_that_never_were_live_are_the_oldest() -> None:
    assert oldest_first(["a", "c", "b", "z"], ["a", "c"]) == ["b", "z", "c", "a"]
    assert oldest_first(["b", "a"], []) == ["a", "b"]


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_a_rollback_then_a_build_keeps_the_version_that_was_live(home: Path, engine: str) -> None:
    catalog, work = open_catalog(engine, home), home / "builds"
    built = [build(home, documents(), digest=str(n), catalog=catalog).version for n in range(3)]
    activate(catalog, "docs", built[0], work=work)
    fourth = build(home, documents(), digest="4", catalog=catalog, keep=2).version
    assert [info.version for info in catalog.versions("docs")] == [built[2], built[0], fourth]
    assert activate(catalog, "docs", work=work).version == built[0], "back to what was live, not to what was made last"
    assert activate(catalog, "docs", work=work).version == built[2], "and further back"
    fifth = build(home, documents(), digest="5", catalog=catalog, keep=1).version
    assert [info.version for info in catalog.versions("docs")] == [built[2], fifth]


def version(catalog: Catalog, name: str, *, live: bool = True) -> None:
    encoder = HashingEncoder()
    catalog.create("docs", name, StoreSpec(dimension=encoder.dimension)).close()
    manifest = Manifest("docs", name, encoder.name, encoder.fingerprint, encoder.dimension, 0, {})
    catalog.complete("docs", name, manifest)
    if live:
        catalog.activate("docs", name)


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_a_clock_that_runs_backwards_changes_nothing(home: Path, engine: str) -> None:
    catalog = open_catalog(engine, home)
    for name in ("20260105T000000000-aa", "20260104T000000000-bb", "20260103T000000000-cc"):
        version(catalog, name)
    version(catalog, "20260109T000000000-dd", live=False)
    names = [info.version[-2:] for info in catalog.versions("docs")]
    assert names == ["dd", "aa", "bb", "cc"]
    assert catalog.live_version("docs").endswith("cc")


def test_a_pointer_of_one_line_is_read(home: Path) -> None:
    catalog = EdgeCatalog(home)
    for name in ("v1", "v2", "v3"):
        version(catalog, name, live=False)
    (home / "collections" / "docs" / "CURRENT").write_text("v1\n")
    version(catalog, "v4")
    assert [info.version for info in catalog.versions("docs")] == ["v2", "v3", "v1", "v4"]
