"""One build at a time per collection: a file lock that the operating system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from searchapp.errors import BuildInProgressError


def lock_path(work: Path, collection: str) -> Path:
    """Where the lock of a collection lies in the folder of builds."""
    return work / "locks" / f"{collection}.lock"


@contextmanager
def build_lock(path: Path, *, collection: str) -> Iterator[None]:
    """Hold the lock; raises BuildInProgressError that names the holding process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise BuildInProgressError(
                f"collection {collection!r} is being built by process {holder}; wait for it or stop it, then try again"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
