"""Write a file or a folder so that readers find the old one or the new one, never a part of it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Give another path to write to, and move what was written there to the right one if the block ends without an error.

    Args:
        path: The file, which may exist, or a folder, which must not. Its own folder must exist.
        durable: Whether the file survives a failure of the machine once the block has ended. Not for folders.

    Yields:
        A path beside it that does not exist. What is there is deleted if the block fails.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with replaced(Path(folder) / "note.txt") as part:
        ...         _ = part.write_text("complete", encoding="utf-8")
        ...     [path.name for path in Path(folder).iterdir()]
        ['note.txt']
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    _delete(part)  # left by a killed process that had the same number
    try:
        yield part
        if durable:
            _sync(part, os.O_RDWR)
        part.replace(path)
    except BaseException:
        _delete(part)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable.

    Args:
        folder: Existing folder; its files are not synchronised.
    """
    _sync(folder, os.O_RDONLY)


def _sync(path: Path, access: int) -> None:
    handle = os.open(path, access)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
