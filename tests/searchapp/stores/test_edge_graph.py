"""Test that the graph of a shard is built without stopping this process, and never outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from searchapp.datatypes import SparseVector
from searchapp.errors import StoreError
from searchapp.stores import edge_graph
from searchapp.stores.base import Point, StoreSpec
from searchapp.stores.edge import EdgeStore

pytestmark = pytest.mark.skipif(not edge_graph.can_build_apart(), reason="only Linux ends a process with its parent")


def filled(path: Path, *, count: int) -> EdgeStore:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((count, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = EdgeStore.create(path, StoreSpec(dimension=64, hnsw_threshold=1000))
    store.upsert(
        [
            Point(f"00000000-0000-4000-8000-{row:012d}", vectors[row], SparseVector((), ()), {"language": "en"})
            for row in range(count)
        ]
    )
    return store


def test_other_threads_run_while_the_graph_is_built(tmp_path: Path) -> None:
    ended = threading.Event()
    turns = 0

    def count() -> None:
        nonlocal turns
        while not ended.wait(0.01):
            turns += 1

    with filled(tmp_path / "shard", count=4000) as store:
        thread = threading.Thread(target=count)
        thread.start()
        store.optimize()
        ended.set()
        thread.join()
        assert turns > 5
        assert store.count() == 4000
    assert any(path.name.startswith("graph") for path in (tmp_path / "shard").rglob("*"))


def test_a_failure_is_an_error_with_the_folder_and_the_store_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match=r"nowhere: the graph could not be built: .*"):
        edge_graph.build_graph(tmp_path / "nowhere")
    with filled(tmp_path / "shard", count=1200) as store:
        monkeypatch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(StoreError, match="the process ended with 1"):
            store.optimize()
        assert store.count() == 1200


def test_the_process_ends_with_the_one_that_waits_for_it(tmp_path: Path) -> None:
    filled(tmp_path / "shard", count=30_000).close()
    code = f"from pathlib import Path; from searchapp.stores.edge_graph import *; build_graph(Path({str(tmp_path / 'shard')!r}))"
    parent = subprocess.Popen([sys.executable, "-c", code])
    child = wait_for(lambda: next(iter(running(str(tmp_path / "shard"), "edge_graph")), None))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not Path(f"/proc/{child}").exists() or state(child) == "Z")


def test_a_process_without_its_parent_does_nothing(tmp_path: Path) -> None:
    filled(tmp_path / "shard", count=1200).close()
    command = [sys.executable, "-m", "searchapp.stores.edge_graph", str(tmp_path / "shard"), "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "is gone" in done.stderr
    assert not any(path.name.startswith("graph") for path in (tmp_path / "shard").rglob("*"))


def running(*words: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if all(word in line for word in words) and "-m\0" in line:
            found.append(int(entry.name))
    return found


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait_for(found: object) -> int:
    assert callable(found)
    for _ in range(3000):
        if value := found():
            return int(value)
        time.sleep(0.01)
    raise AssertionError("it did not happen")
