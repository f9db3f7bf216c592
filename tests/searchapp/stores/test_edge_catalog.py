from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import build, documents

from searchapp.errors import CollectionNotFoundError, ConfigurationError, StoreError
from searchapp.stores.base import StoreSpec
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.opening import default_home, open_catalog

READ = """
import sys, time
from searchapp.stores.edge_catalog import EdgeCatalog
from pathlib import Path
store, manifest = EdgeCatalog(Path(sys.argv[1])).open("docs")
print(store.count(), flush=True)
sys.stdin.readline()
"""


def test_two_processes_read_the_same_version(home: Path) -> None:
    report = build(home, documents())
    first = subprocess.Popen(
        [sys.executable, "-c", READ, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert int(first.stdout.readline()) == report.passages
    store, _ = EdgeCatalog(home).open("docs")  # while the other process holds it open
    with store:
        assert store.count() == report.passages
    first.communicate("\n")
    assert first.returncode == 0


@pytest.mark.parametrize("content", [b"", b"../../etc", b"\xff\xfe"])
def test_a_damaged_pointer_says_what_to_do(home: Path, content: bytes) -> None:
    build(home, documents())
    (home / "collections" / "docs" / "CURRENT").write_bytes(content)
    with pytest.raises(StoreError, match="index rollback docs"):
        EdgeCatalog(home).open("docs")


def test_a_damaged_manifest_says_what_to_do(home: Path) -> None:
    report = build(home, documents())
    path = home / "collections" / "docs" / "versions" / report.version / "manifest.json"
    path.write_text("{not json")
    with pytest.raises(StoreError, match=r"manifest\.json: damaged manifest"):
        EdgeCatalog(home).open("docs")
    path.write_text('{"format": 99}')
    with pytest.raises(StoreError, match="format 99, expected 1"):
        EdgeCatalog(home).open("docs")


def test_damage_to_the_live_version_leaves_a_way_back(home: Path) -> None:
    first = build(home, documents(), digest="one")
    second = build(home, documents()[:3], digest="two")
    catalog = EdgeCatalog(home)
    (home / "collections" / "docs" / "CURRENT").write_text("???")
    assert [(info.version, info.live) for info in catalog.versions("docs")] == [
        (first.version, False),
        (second.version, False),
    ]
    (home / "collections" / "docs" / "versions" / second.version / "manifest.json").write_text("")
    assert [info.version for info in catalog.versions("docs")] == [first.version]
    catalog.activate("docs", first.version)
    assert catalog.open("docs")[1].version == first.version


def test_a_listing_with_nothing_but_damage_names_the_file(home: Path) -> None:
    report = build(home, documents())
    (home / "collections" / "docs" / "versions" / report.version / "manifest.json").write_text("")
    with pytest.raises(StoreError, match=r"manifest\.json: damaged"):
        EdgeCatalog(home).versions("docs")


def test_a_home_that_cannot_hold_a_collection_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StoreError, match=r"cannot be written .*check the folder"):
        EdgeCatalog(tmp_path / "home").create("docs", "v1", StoreSpec(dimension=4))


def test_a_missing_shard_is_a_store_error_that_names_it(home: Path) -> None:
    report = build(home, documents())
    shard = home / "collections" / "docs" / "versions" / report.version / "shard"
    shard.rename(shard.with_name("gone"))
    with pytest.raises(StoreError, match="shard"):
        EdgeCatalog(home).open("docs")


def test_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEARCHAPP_HOME", str(tmp_path))
    assert default_home() == tmp_path
    assert isinstance(open_catalog(), EdgeCatalog)
    with pytest.raises(ConfigurationError, match="choose one"):
        open_catalog(home=tmp_path, url="http://x")
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9: the Qdrant server does not answer"):
        open_catalog(url="http://127.0.0.1:9")
    with pytest.raises(CollectionNotFoundError, match="none yet"):
        open_catalog(home=tmp_path).open("docs")
