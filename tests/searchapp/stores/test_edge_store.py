from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from searchapp.datatypes import SparseVector
from searchapp.errors import StorageFullError, StoreError, StoreLockedError
from searchapp.stores import edge_errors
from searchapp.stores.base import Point, ScoredPoint, StoreSpec
from searchapp.stores.edge import EdgeStore
from searchapp.stores.ties import REACH, best_first


def points(count: int, *, dimension: int = 16) -> list[Point]:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        Point(str(uuid.UUID(int=row)), vectors[row], SparseVector((row % 50,), (1.0,)), {"language": f"l{row % 7}"})
        for row in range(count)
    ]


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize(("threshold", "graph"), [(1000, False), (500, True)])
def test_a_graph_is_built_above_the_threshold_only(tmp_path: Path, threshold: int, graph: bool, released: bool) -> None:
    given = points(800)
    with EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=16, hnsw_threshold=threshold)) as store:
        store.upsert(given[:300])
        if released:
            store.release()
        store.upsert(given[300:])
        store.optimize()
        store.flush()
    files = [path.name for path in (tmp_path / "shard").rglob("*")]
    assert any(name.startswith("graph") for name in files) is graph
    with EdgeStore.open(tmp_path / "shard") as store:
        assert store.count() == 800
        found = [store.query_dense(point.dense, limit=1)[0].id for point in given[:100]]
        assert sum(one == point.id for one, point in zip(found, given, strict=False)) >= 98
        assert len(store.query_sparse(SparseVector((3,), (1.0,)), limit=100)) == 16
        assert sum(store.facet("language").values()) == 800


def test_a_write_without_room_is_refused_before_it_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=16)) as store:
        store.upsert(points(10))
        monkeypatch.setattr(edge_errors, "RESERVE_BYTES", 2**60)
        with pytest.raises(StorageFullError, match=r"shard: [\d,]+ MiB free, .* needed"):
            store.upsert(points(20))
        assert store.count() == 10


@pytest.mark.parametrize(
    ("text", "kind", "hint"),
    [
        ("Can't init WAL: Os { code: 11, kind: WouldBlock }", StoreLockedError, "another process"),
        ("Service runtime error: No space left on device (os error 28)", StorageFullError, "free some space"),
        ("Failed to open mmap: Read-only file system (os error 30)", StoreError, "write access"),
        ("Permission denied (os error 13)", StoreError, "write access"),
        ("Vector dimension error: expected dim: 256, got 5", StoreError, "expected dim: 256, got 5"),
        ("a block of the clock", StoreError, "a block of the clock"),
    ],
)
def test_what_the_engine_says_becomes_an_error_with_the_path(text: str, kind: type[StoreError], hint: str) -> None:
    error = edge_errors.translated(Path("/data/shard"), text)
    assert type(error) is kind
    assert str(error).startswith("/data/shard: ")
    assert hint in str(error)


def test_wrong_use_is_a_store_error(tmp_path: Path) -> None:
    store = EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=16))
    store.upsert(points(3))
    with pytest.raises(StoreError, match="expected dim: 16"):
        store.query_dense(np.ones(3, np.float32), limit=1)
    with pytest.raises(StoreError, match="UUID"):
        store.retrieve(["no uuid"])
    with pytest.raises(StoreError, match="unindexed"):
        store.facet("unindexed")
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.count()
    with pytest.raises(StoreError, match="shard"):
        EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=16))


def test_a_shard_whose_files_are_damaged_is_a_store_error(tmp_path: Path) -> None:
    with EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=16)) as store:
        store.upsert(points(10))
        store.flush()
    next((tmp_path / "shard").rglob("segment.json")).write_text("{")
    with pytest.raises(StoreError, match="shard"):
        EdgeStore.open(tmp_path / "shard")


def test_a_large_group_of_equal_scores_is_looked_through_to_its_end() -> None:
    scored = [ScoredPoint(f"{number:05}", 1.0) for number in reversed(range(REACH))]
    asked: list[int] = []

    def fetch(count: int) -> list[ScoredPoint]:
        asked.append(count)
        return scored[:count]

    assert [point.id for point in best_first(fetch, limit=2)] == ["00000", "00001"]
    assert len(asked) <= 8
    distinct = [ScoredPoint(str(number), -float(number)) for number in range(50)]
    asked.clear()
    scored = distinct
    assert [point.id for point in best_first(fetch, limit=3)] == ["0", "1", "2"]
    assert asked == [4], "one request when nothing is equal"


def test_large_payloads_need_space_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = {"letters": "x" * 60_000}
    large = [replace(point, payload={**point.payload, "metadata": metadata}) for point in points(1000)]
    free = edge_errors.RESERVE_BYTES + 20 * 2**20
    monkeypatch.setattr(edge_errors.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    with EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=16)) as store:
        store.upsert(points(1000))
        with pytest.raises(StorageFullError, match="needed to continue"):
            store.upsert(large)  # 60 MB
