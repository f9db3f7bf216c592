"""Keep standard input in a file while a build reads it, and remove what an interrupted build left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from filelock import FileLock, Timeout

from searchapp.errors import StorageFullError
from searchapp.stores.durable import unwritable

PREFIX = "stdin-"
BLOCK = 1 << 20
"""Bytes of standard input read at a time."""
FREE_BYTES = 64 * 2**20
"""Free space below which nothing more is copied: the live versions need some to be searched."""


@contextmanager
def kept(stream: IO[bytes], work: Path) -> Iterator[Path]:
    """Copy a stream to a file and delete the file at the end.

    Args:
        stream: The stream, such as standard input.
        work: Folder of journals, locks and rejects.

    Raises:
        StorageFullError: The disk has too little space.
        StoreError: The file cannot be written.
    """
    remove_abandoned(work)
    folder = work / f"{PREFIX}{uuid4().hex}"
    lock = FileLock(_lock(folder), timeout=0)  # tells others that the folder is in use
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        folder.mkdir()
    except OSError as error:
        lock.release()
        raise unwritable(work, error) from error
    try:
        path = folder / "stdin.jsonl"
        _copy(stream, path)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        _lock(folder).unlink(missing_ok=True)


def remove_abandoned(work: Path) -> tuple[str, ...]:
    """Remove the files of interrupted builds and return their names; those of running builds stay.

    Args:
        work: Folder of journals, locks and rejects.
    """
    removed: list[str] = []
    for folder in {path.with_suffix("") for path in work.glob(f"{PREFIX}*")}:
        try:
            with FileLock(_lock(folder), timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except Timeout:
            continue
        _lock(folder).unlink(missing_ok=True)
        removed.append(folder.name)
    return tuple(sorted(removed))


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _copy(stream: IO[bytes], path: Path) -> None:
    try:
        with path.open("wb") as file:
            while block := stream.read(BLOCK):
                free = shutil.disk_usage(path.parent).free
                if free < FREE_BYTES + len(block):
                    raise StorageFullError(
                        f"{path.parent}: {free / 2**20:.0f} MiB free, too little for the rest of standard input; free some "
                        "space, or write the input to a file on another disk"
                    )
                file.write(block)
    except OSError as error:
        raise unwritable(path, error) from error
