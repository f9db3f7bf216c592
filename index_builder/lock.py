"""Allow one build per collection at a time, with a file lock that the operating system releases if its holder dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from searchapp.errors import BuildInProgressError
from searchapp.stores.durable import unwritable
from searchapp.stores.names import CollectionName


@contextmanager
def build_lock(work: Path, collection: CollectionName) -> Iterator[None]:
    """Hold the lock of a collection. Everything that changes a collection or its versions runs under it.

    The holder's process id is in a separate file, because Windows does not allow reading a locked file.

    Args:
        work: Folder of journals, locks and rejects.
        collection: The collection to be changed.

    Raises:
        BuildInProgressError: Another process, or another thread of this one, holds the lock; the message names it.
        StoreError: The lock file cannot be written.
    """
    path = work / "locks" / f"{collection}.lock"
    holder = path.with_suffix(".pid")
    lock = FileLock(path, timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BuildInProgressError(
            f"collection {collection!r} is being built by process {_read(holder)}; wait for it or stop it, then try again"
        ) from None
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        holder.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        lock.release()


def _read(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8").strip() or "unknown"
    except OSError:
        return "unknown"
