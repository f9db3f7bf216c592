"""Write files that are either complete or missing, whatever happens to the process or the machine."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from searchapp.errors import StorageFullError, StoreError


def replace_text(path: Path, text: str) -> None:
    """Write a text file durably and atomically.

    Args:
        path: The file; an existing one is replaced.
        text: Its content.
    """
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file durably and atomically.

    Args:
        path: The file; an existing one is replaced.
        data: Its content.

    Raises:
        StoreError: The file cannot be written; StorageFullError if the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable.

    Args:
        folder: The folder.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(path: Path, error: OSError) -> StoreError:
    """Create the error for a file or folder that cannot be written.

    Args:
        path: The file or folder.
        error: The error of the operating system.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFullError(f"{path}: the disk is full; free some space and try again")
    return StoreError(f"{path}: cannot be written ({error.strerror}); check the folder and its permissions")


def disk_bytes(folder: Path) -> int:
    """Sum the bytes that a folder takes on disk; files that vanish in the meantime are ignored.

    Args:
        folder: The folder.
    """
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_blocks * 512 if file.is_file() else 0
        except OSError:
            continue
    return total
