"""Copies of standard input: they fit on the disk, and nothing is left of them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from index_builder import piped
from index_builder.cleaning import clean
from searchapp.errors import StorageFullError
from searchapp.stores.edge_catalog import EdgeCatalog


def test_the_copy_is_there_while_it_is_read_and_not_later(tmp_path: Path) -> None:
    with piped.kept(io.BytesIO(b"tea\n" * 1000), tmp_path / "builds") as path:
        assert path.read_bytes() == b"tea\n" * 1000
        assert clean(EdgeCatalog(tmp_path), work=tmp_path / "builds") == [], "it is in use"
        assert path.exists()
    assert list((tmp_path / "builds").iterdir()) == []


def test_what_a_killed_command_left_is_found_and_removed(tmp_path: Path) -> None:
    left = tmp_path / "builds" / "stdin-abc"
    left.mkdir(parents=True)
    (left / "stdin.jsonl").write_bytes(b"tea")
    (found,) = clean(EdgeCatalog(tmp_path), work=tmp_path / "builds")
    assert (found.collection, found.removed) == ("standard input", ("stdin-abc",))
    left.mkdir()
    with piped.kept(io.BytesIO(b"leaf"), tmp_path / "builds"):
        assert not left.exists(), "the next command removes it"
    assert list((tmp_path / "builds").iterdir()) == []


def test_an_endless_input_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piped, "FREE_BYTES", 2**60)
    full = pytest.raises(StorageFullError, match="too little for the rest of standard input")
    with full, piped.kept(io.BytesIO(b"tea"), tmp_path):
        pytest.fail("it was copied")
    assert list(tmp_path.iterdir()) == []
