"""The memory that a build takes is bounded by its setting, however large the version on the disk becomes."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support import build, corpus, everything

from index_builder import add_documents
from index_builder import memory as measured
from index_builder.debias import Debiaser, stored_vectors
from index_builder.memory import MappedFiles
from searchapp.datatypes import Document
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import fit_transform
from searchapp.encoders.fake import HashingEncoder
from searchapp.stores.base import Store
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.manifest import Manifest

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MIB = 2**20
CHILD = f"""
import sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r})
import json
from index_builder import BuildOptions, build_index
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from support import peak_bytes as peak

source, home, memory = sys.argv[1:]
build = lambda source, name: build_index(
    source, name, options=BuildOptions(memory=int(memory)), encoder=HashingEncoder(), home=home
)
build([Document("a", "Assam grows tea.")], "small")  # what a build of any size loads
before = peak()
passages = build(source, "docs").passages
first = peak()
reused = build(source, "docs").reused
print(json.dumps({{"passages": passages, "reused": reused, "first": first - before, "both": peak() - before}}))
"""


def large_rows(path: Path, *, rows: int) -> None:
    rng = random.Random(7)
    with path.open("w") as file:
        for n in range(rows):
            text = " ".join(f"Sentence {k} of row {n} tells of subject {k % 13}." for k in range(480))
            metadata = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=60_000))
            file.write(json.dumps({"id": str(n), "text": text, "m": metadata}) + "\n")


def grown(source: Path, home: Path, *, memory: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(source), str(home), str(memory)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@linux
def test_many_rows_with_much_metadata_take_what_the_setting_says(tmp_path: Path) -> None:
    large_rows(tmp_path / "rows.jsonl", rows=80)
    bounded = grown(tmp_path / "rows.jsonl", tmp_path / "bounded", memory=64)
    assert bounded["reused"] == bounded["passages"] > 3000
    assert bounded["passages"] * 60_000 > 180 * MIB, "far more than the bound"
    assert bounded["first"] < 96 * MIB
    assert bounded["both"] < 160 * MIB, "the second build reads the first version, too"
    free = grown(tmp_path / "rows.jsonl", tmp_path / "free", memory=2048)
    assert free["first"] > bounded["first"] + 64 * MIB, "the setting has an effect"


def test_mapped_files_are_released_when_they_have_grown_past_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    resident = iter([100, 140, 151, 120, 170, 171, 100])
    monkeypatch.setattr(measured, "mapped_bytes", lambda: next(resident))
    released: list[str] = []
    files = MappedFiles(50, (lambda: released.append("new"), lambda: released.append("live")))
    files.check()
    assert not released
    files.check()
    assert released == ["new", "live"]
    files.check()
    assert len(released) == 2, "what stayed resident after the release is not counted again"
    files.check()
    assert len(released) == 4


def test_where_nothing_is_measured_nothing_is_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(measured, "_STATM", tmp_path / "none")
    assert measured.mapped_bytes() == 0
    MappedFiles(1, (lambda: pytest.fail("released"),)).check()


def test_versions_are_the_same_if_files_are_released_after_every_segment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def centred(store: Store, manifest: Manifest) -> tuple[DebiasTransform, dict[str, int]]:
        vectors, languages = stored_vectors(store, points=manifest.points, sample=None, seed=0)
        return fit_transform("centering", vectors, languages), {"vectors": len(vectors)}

    def versions(place: Path) -> list[dict[str, object]]:
        found = []
        first = [replace(one, language=("en", "de")[place % 2]) for place, one in enumerate(corpus()[:300])]
        build(place, first, batch=32)
        found.append(everything(place))
        again = [*first[:-50], Document("new", "A new passage of the corpus.", language="en")]
        assert build(place, again, digest="two", batch=32).reused >= 250
        found.append(everything(place))
        add_documents([Document("more", "More tea.", language="en")], "docs", encoder=HashingEncoder(), home=place)
        found.append(everything(place))
        Debiaser(catalog=EdgeCatalog(place), work=place / "builds").fit("docs", centred)
        found.append(everything(place))
        return found

    plain = versions(home.parent / "plain")
    resident, calls = itertools.count(step=2**40), []
    monkeypatch.setattr(measured, "mapped_bytes", lambda: calls.append(1) or next(resident))
    assert versions(home) == plain
    assert len(calls) > 30
