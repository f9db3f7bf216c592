"""Convert Qdrant Edge's exceptions to this software's errors."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from searchapp.errors import SearchAppError, StorageFullError, StoreError, StoreLockedError

RESERVE_BYTES = 48 * 2**20
"""Bytes that must be free before a write: the engine maps files in steps of 32 MiB, and touching such a page on a full disk
kills the process (SIGBUS) instead of raising an error."""

_FULL = re.compile(r"no space left|os error 28\b|disk quota|os error 122\b", re.IGNORECASE)
_LOCKED = re.compile(r"WouldBlock|os error 11\b|\balready (open|locked)|\block(ed)? by another", re.IGNORECASE)
_UNWRITABLE = re.compile(r"read-only file system|permission denied|os error (13|30)\b", re.IGNORECASE)

_Result = TypeVar("_Result")


def mapped(path: Path, action: Callable[[], _Result]) -> _Result:
    """Run an engine call and convert the engine's bare exceptions.

    Args:
        path: Directory of the shard, for messages.
        action: The call.

    Raises:
        StoreError: The engine failed; a subclass if the shard is locked or the disk is full.
    """
    try:
        return action()
    except SearchAppError:
        raise
    except Exception as error:  # the engine raises nothing more specific
        raise translated(path, str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the engine's own crash, which is not an Exception
            raise
        raise StoreError(
            f"{path}: the engine crashed ({error}); the files may be damaged: roll back or rebuild the index"
        ) from error


def translated(path: Path, text: str) -> StoreError:
    """Convert the engine's message to an error.

    Args:
        path: Directory of the shard that the message is about.
        text: The engine's message.
    """
    if _LOCKED.search(text):
        return StoreLockedError(f"{path}: open in another process that writes to it; close that one ({text})")
    if _FULL.search(text):
        return StorageFullError(f"{path}: the disk is full; free some space and try again ({text})")
    if _UNWRITABLE.search(text):
        return StoreError(
            f"{path}: the engine needs write access to an index even to read it; check the folder's owner, or mount "
            f"it read-write ({text})"
        )
    return StoreError(f"{path}: {text}")


def check_space(path: Path, *, needed: int) -> None:
    """Check that the disk has space for further data besides the engine's reserve.

    Args:
        path: A path on the disk.
        needed: Size of the data in bytes.

    Raises:
        StorageFullError: The space does not suffice.
    """
    free = shutil.disk_usage(path).free
    if free < needed + RESERVE_BYTES:
        raise StorageFullError(
            f"{path}: {free / 2**20:,.0f} MiB free, {(needed + RESERVE_BYTES) / 2**20:,.0f} MiB needed to continue; "
            "free some space and run the same command again"
        )
