"""Test builds on a Ray cluster: the same points as in one process, also when a worker or the driver is killed."""

from __future__ import annotations

import json
import logging
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qdrant_double import Double, serving
from support import ListSource, corpus, documents, everything

from index_builder import BuildOptions, Cluster, build_index, unfinished_builds
from index_builder.journal import Journal
from searchapp.datatypes import Document, Progress
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import (
    ConfigurationError,
    EncoderMismatchError,
    InputError,
    UnreadableFileError,
)
from searchapp.stores.base import StoreSpec
from searchapp.stores.opening import open_catalog
from searchapp.stores.server_catalog import connect

ray = pytest.importorskip("ray", reason="needs searchapp[ray]")
psutil = pytest.importorskip("psutil")

from index_builder.ray.parcels import COLUMN, Parcel, packed, unpacked  # noqa: E402
from index_builder.ray.reading import Group, groups  # noqa: E402
from index_builder.ray.stages import Cutting, EncoderPlace, Writing  # noqa: E402

OPTIONS = BuildOptions(batch=32)
TESTS = Path(__file__).resolve().parents[1]
CHILD = f"""
import sys, time
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from index_builder import BuildOptions, Cluster, build_index
from searchapp.encoders.fake import HashingEncoder

def tell(state):
    if state.stage == "indexing":
        print("indexing", flush=True)
        time.sleep(600)

source, url, work, address = sys.argv[1:]
build_index(source, "docs", encoder=HashingEncoder(), options=BuildOptions(batch=32), url=url, work=Path(work),
            cluster=Cluster(address=address, encoders=1), progress=tell)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
    yield Cluster(encoders=2)
    ray.shutdown()


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a file with rows of several languages, a bad row and a document of several segments."""
    rows = [{"id": d.id, "text": d.text, "title": d.title, **d.metadata} for d in [*documents(), *corpus()]]
    rows.insert(50, {"id": "long", "text": " ".join(f"Sentence {n} of a long text on tea." for n in range(900))})
    path = tmp_path_factory.mktemp("source") / "rows.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines[:20], "{broken", *lines[20:]]) + "\n", encoding="utf-8")
    return path


def points(url: str, collection: str) -> dict[str, tuple[list[float], object, str]]:
    store, manifest = open_catalog(url=url).open(collection)
    found, offset = store.scroll(limit=10_000, with_vectors=True)
    assert offset is None
    assert manifest.points == len(found)
    return {
        point.id: (point.dense.tolist(), point.sparse, json.dumps(point.payload, sort_keys=True))  # type: ignore[union-attr]
        for point in found
    }


def test_workers_write_the_same_points_to_a_server(
    cluster: Cluster, double: Double, source: Path, tmp_path: Path
) -> None:
    reports = {}
    for name, where in (("plain", None), ("spread", cluster)):
        reports[name] = build_index(
            source, name, encoder=HashingEncoder(), options=OPTIONS, url=double.url, work=tmp_path / name, cluster=where
        )
    plain, spread = reports["plain"], reports["spread"]
    assert points(double.url, "spread") == points(double.url, "plain")
    for field in ("documents", "passages", "rejected", "languages", "reasons", "reused", "resumed"):
        assert getattr(spread, field) == getattr(plain, field), field
    assert spread.rejected == 1
    assert spread.rejects_path is not None
    assert plain.rejects_path is not None
    assert Path(spread.rejects_path).read_text() == Path(plain.rejects_path).read_text()
    assert not list((tmp_path / "spread" / "journals" / "spread").iterdir())


def test_a_killed_encoder_loses_nothing(cluster: Cluster, source: Path, tmp_path: Path) -> None:
    killed = []

    def tell(state: Progress) -> None:
        if state.stage == "indexing" and not killed:
            for process in psutil.Process().children(recursive=True):
                if "MapWorker(MapBatches(Encoding))" in " ".join(process.cmdline()):
                    killed.append((process.pid, state.counts["passages"]))
                    process.kill()
                    return

    build_index(source, "docs", encoder=HashingEncoder(), options=OPTIONS, home=tmp_path / "plain")
    report = build_index(
        source,
        "docs",
        encoder=HashingEncoder(),
        options=OPTIONS,
        home=tmp_path / "spread",
        cluster=cluster,
        progress=tell,
    )
    assert killed
    assert killed[0][1] < report.passages
    assert everything(tmp_path / "spread") == everything(tmp_path / "plain")


def test_a_killed_driver_is_resumed(cluster: Cluster, double: Double, source: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    address = ray.get_runtime_context().gcs_address
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(source), double.url, str(work), address], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert any(line == "indexing\n" for line in child.stdout)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    catalog = open_catalog(url=double.url)
    assert unfinished_builds(catalog, work) == {"docs": 1}
    assert "docs" not in catalog.collections()
    report = build_index(
        source, "docs", encoder=HashingEncoder(), options=OPTIONS, url=double.url, work=work, cluster=cluster
    )
    assert report.resumed > 0
    build_index(source, "whole", encoder=HashingEncoder(), options=OPTIONS, url=double.url, work=tmp_path / "whole")
    resumed, whole = points(double.url, "docs"), points(double.url, "whole")
    assert {key: found[1:] for key, found in resumed.items()} == {key: found[1:] for key, found in whole.items()}
    for key, (vector, *_) in whole.items():  # the in-memory engine rounds differently when it replaces a point
        assert np.allclose(resumed[key][0], vector, rtol=0, atol=1e-7)


def test_more_encoders_than_processors_are_refused(cluster: Cluster, home: Path) -> None:
    with pytest.raises(ConfigurationError, match="3 encoders of 1 processors do not fit"):
        build_index(documents(), "docs", encoder=HashingEncoder(), home=home, cluster=replace(cluster, encoders=3))


@pytest.mark.parametrize(
    "settings", [{"encoders": 0}, {"threads": 0}, {"address": "ray://head:10001"}, {"address": " "}]
)
def test_clusters_that_cannot_be_used_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="Ray"):
        Cluster(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        InputError("no", path="a", line=3),
        UnreadableFileError("no", kind="damaged", path="b"),
        EncoderMismatchError(collection="c", expected="e", actual="f"),
    ],
)
def test_an_error_keeps_its_type_between_processes(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back), back.__dict__) == (type(error), str(error), error.__dict__)
    block = packed(Parcel(error, 7, None))
    assert list(Cutting(OPTIONS, 4, 1 << 20, path="x")(block)) == [block]


class Breaks:
    """A cutter's group that raises when it is iterated."""

    started = 0

    @property
    def items(self) -> list[Document]:
        raise InputError("broken", path="p", line=2)


def test_an_error_of_a_stage_arrives_instead_of_its_result() -> None:
    (block,) = Cutting(OPTIONS, 4, 1 << 20, path="x")(packed(Parcel(Breaks(), 7, 0.5)))
    found = unpacked(block.column(COLUMN)[0].as_py())
    assert isinstance(found.content, InputError)
    assert (str(found.content), found.rows) == ("p:2: broken", 7)


class Turned:
    """A debias transform that reverses vectors."""

    name = "turned"

    def transform_passages(self, vectors, languages):
        return vectors[:, ::-1].copy()


def test_stages_write_debiased_vectors_and_send_back_an_account(double: Double) -> None:
    from index_builder.ray.stages import Encoding

    spec = StoreSpec(dimension=256, debiased=True)
    catalog = open_catalog(url=double.url)
    catalog.create("turned", "20260101T000000000Z-abcdef01", spec)
    place = EncoderPlace("fake", HashingEncoder().fingerprint, Path.cwd(), OPTIONS, 1, "turned", None, None)
    encoding = Encoding.__new__(Encoding)
    encoding._place, encoding._known, encoding._finisher = place, {}, None
    writing = Writing(double.url, "turned", "20260101T000000000Z-abcdef01", spec, Turned())  # type: ignore[arg-type]
    blocks = [packed(Parcel(Group(list(documents())), 6, 1.0))]
    for stage in (Cutting(OPTIONS, 256, 1 << 20, path="x"), encoding, writing):
        blocks = [out for block in blocks for out in stage(block)]
    segment = unpacked(blocks[0].column(COLUMN)[0].as_py()).content
    assert (segment.documents, len(segment.points), sum(segment.written.values())) == (6, 1, segment.languages.total())
    store = catalog.reopen("turned", "20260101T000000000Z-abcdef01", spec)  # type: ignore[attr-defined]
    found, _ = store.scroll(limit=100, with_vectors=True)
    assert len(found) == segment.languages.total()
    for point in found:
        assert np.allclose(point.dense[::-1], point.debiased, atol=1e-6)


def test_a_worker_refuses_another_encoder() -> None:
    from searchapp.errors import EncoderError

    place = EncoderPlace("fake", "other", Path.cwd(), OPTIONS, 1, "docs", None, None)
    with pytest.raises(EncoderError, match=r"fingerprint hashing-256.*expected other"):
        place.load()


def test_first_groups_are_small_and_all_are_bounded() -> None:
    sizes = [len(group) for group in groups(iter(corpus()), most=256)]
    assert sizes == [64, 128, 256, 252]
    heavy = [Document(str(n), "x" * 150_000) for n in range(7)]
    assert [len(group) for group in groups(heavy, most=256)] == [3, 3, 1]


@pytest.mark.parametrize("lost", [False, True])
def test_what_workers_wrote_before_an_interruption_is_resumed_if_it_is_there(tmp_path: Path, lost: bool) -> None:
    class Stops(HashingEncoder):
        def encode_passages(self, texts, *, contexts=None):
            if any("Passage 300 " in text for text in texts):
                raise KeyboardInterrupt
            return super().encode_passages(texts, contexts=contexts)

    catalog = connect(":memory:")

    def run(encoder: HashingEncoder):
        return build_index(
            ListSource(corpus()), "docs", encoder=encoder, options=OPTIONS, catalog=catalog, work=tmp_path
        )

    with pytest.raises(KeyboardInterrupt):
        run(Stops())
    (folder,) = (tmp_path / "journals" / "docs").iterdir()
    journal = Journal(folder)
    segments = [replace(one, points=one.points[:1], written=dict(one.languages)) for one in journal.replay()]
    journal.clear()
    for segment in segments:
        journal.append(segment)
    journal.share("")
    if lost:
        catalog.delete_version("docs", (folder / "VERSION").read_text())
    report = run(HashingEncoder())
    assert report.passages == catalog.open("docs")[0].count() == 700
    assert (report.resumed == 0) == lost
