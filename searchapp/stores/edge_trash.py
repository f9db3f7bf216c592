"""Deletes folders in one step, and finds what killed builds and deletions left."""

from __future__ import annotations

import shutil
from pathlib import Path

from searchapp.errors import StoreError
from searchapp.stores.names import is_name

TRASH = ".deleted"
"""Ends the name of a folder that is being deleted. It gets this name in one step, so no half-deleted one is ever seen."""


def trash(folder: Path) -> Path:
    """Give the name that a folder has while it is being deleted.

    Args:
        folder: Its path before.
    """
    return folder.with_name(f".{folder.name}{TRASH}")


def remove(path: Path) -> None:
    """Delete a file or a folder, a folder by renaming it first; one that does not exist is no error.

    Args:
        path: The file, the folder, or a folder that an earlier deletion renamed.

    Raises:
        StoreError: It cannot be deleted.
    """
    try:
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return
        gone = path if path.name.endswith(TRASH) else trash(path)
        if gone != path:
            shutil.rmtree(gone, ignore_errors=True)  # of an earlier deletion that was killed
            path.rename(gone)
        shutil.rmtree(gone)
    except FileNotFoundError:  # another process deletes it, too
        return
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be deleted ({error.strerror}); check the folder and its permissions"
        ) from error


def leftovers_of(folder: Path) -> list[Path]:
    """List incomplete versions, versions on their way out and temporary files in the folder of a collection.

    Args:
        folder: The folder; it need not exist. Folders whose names are no names of versions are left alone.
    """
    versions = [path for path in (folder / "versions").glob("*") if _is_left(path)]
    return sorted([*versions, *folder.glob(".*.tmp"), *(folder / "versions").glob("*/.*.tmp")])


def _is_left(version: Path) -> bool:
    if version.name.endswith(TRASH):
        return True
    return is_name(version.name) and not (version / "manifest.json").exists()
