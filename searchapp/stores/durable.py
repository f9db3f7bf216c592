"""Write files that are either complete or missing, whatever happens to the process or the machine."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from searchapp.errors import StorageFullError, StoreError
from searchapp.files.replacing import replaced, sync_folder

BLOCK = 8 << 20
"""Bytes copied at a time."""


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
    try:
        with replaced(path, durable=True) as part:
            part.write_bytes(data)
    except OSError as error:
        raise unwritable(path, error) from error


def copy_folder(origin: Path, target: Path) -> None:
    """Copy a folder durably; sparse files stay sparse.

    Args:
        origin: The folder; it must not be written to during the copy.
        target: The copy, which must not exist yet.

    Raises:
        StoreError: The folder cannot be copied; StorageFullError if the disk is full.
    """
    try:
        shutil.copytree(origin, target, copy_function=_copy_file)
        for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
            sync_folder(folder)
    except shutil.Error as error:
        raise StoreError(f"{origin}: cannot be copied ({error})") from error
    except OSError as error:
        raise unwritable(target, error) from error


def _copy_file(origin: str, target: str) -> None:
    """Copy the parts of a file that contain data, and wait until they are on disk."""
    with Path(origin).open("rb") as source, Path(target).open("wb") as copy:
        size, place = os.fstat(source.fileno()).st_size, 0
        copy.truncate(size)
        if not hasattr(os, "SEEK_DATA"):  # this system cannot report holes
            shutil.copyfileobj(source, copy, BLOCK)
            place = size
        while place < size:
            try:
                start = os.lseek(source.fileno(), place, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # a hole until the end
                    break
                raise
            place = os.lseek(source.fileno(), start, os.SEEK_HOLE)
            source.seek(start)
            copy.seek(start)
            while (left := place - source.tell()) > 0 and (block := source.read(min(BLOCK, left))):
                copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())


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
        folder: Folder, counted with all its subfolders.
    """
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_blocks * 512 if file.is_file() else 0
        except OSError:
            continue
    return total
