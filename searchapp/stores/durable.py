"""Files that are whole or not there at all, whatever happens to the process or the machine."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from searchapp.errors import StorageFullError, StoreError


def replace_text(path: Path, text: str) -> None:
    """Write a text file durably, whole or not at all.

    Args:
        path: The file; it is replaced when it exists.
        text: Its content.
    """
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file durably, whole or not at all.

    Args:
        path: The file; it is replaced when it exists.
        data: Its content.

    Raises:
        StoreError: It cannot be written; StorageFullError when the disk is full.
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
    """Make the error for a file or folder that cannot be written.

    Args:
        path: The file or folder.
        error: What the operating system said.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFullError(f"{path}: the disk is full; free some space and try again")
    return StoreError(f"{path}: cannot be written ({error.strerror}); check the folder and its permissions")


def disk_bytes(folder: Path) -> int:
    """Count the bytes that a folder takes on the disk; files that vanish meanwhile count nothing.

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
