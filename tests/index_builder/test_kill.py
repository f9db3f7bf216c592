"""Test builds killed at random times: the live version stays in use, and the resumed build equals an uninterrupted one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from support import build, corpus, everything

from searchapp import SearchClient
from searchapp.stores.edge_catalog import EdgeCatalog

KILLS = 24
TESTS = Path(__file__).resolve().parents[1]
CHILD = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from support import build, corpus
print("ready", flush=True)
build(Path(sys.argv[1]), corpus(), digest="two", batch=8, keep=1)
print("done", flush=True)
"""


def start(home: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(home)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_kills_at_random_moments(home: Path) -> None:
    rng = random.Random(5)
    first = build(home, corpus()[:50], digest="one")
    old = everything(home)
    clean = home.parent / "clean"
    begun = time.monotonic()
    build(clean, corpus(), digest="two", batch=8)
    whole = time.monotonic() - begun
    expected = everything(clean)
    killed = during = 0
    with SearchClient("docs", home=home) as client:
        while killed < KILLS:
            child = start(home)
            try:
                child.wait(timeout=rng.uniform(0.0, 0.35 * whole))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
                during += 1
            killed += 1
            version = EdgeCatalog(home).live_version("docs")
            assert everything(home) == (old if version == first.version else expected)
            assert client.search("subject 7 in words").hits
            if version != first.version:  # it got through: start over from the old state
                EdgeCatalog(home).activate("docs", first.version)
                EdgeCatalog(home).delete_version("docs", version)
        assert during >= 20, "too few kills hit a running build"
        child = start(home)
        assert child.stdout is not None
        assert child.stdout.readline() == "done\n"
        child.wait()
        assert everything(home) == expected
        assert client.search("subject 7 in words").version == EdgeCatalog(home).live_version("docs") != first.version
    assert not list((home / "builds" / "journals" / "docs").iterdir())
    assert len(list((home / "collections" / "docs" / "versions").iterdir())) == 2
