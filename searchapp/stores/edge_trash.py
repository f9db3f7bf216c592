"""Delete folders in one step, and find what interrupted builds and deletions left."""

from __future__ import annotations

import shutil
from pathlib import Path

from searchapp.errors import StoreError
from searchapp.stores.names import is_name

TRASH = ".deleted"
"""Suffix of a folder that is being deleted. Renaming is atomic, so no half-deleted folder is ever visible."""


def trash(folder: Path) -> Path:
    """Return the name that a folder has while it is being deleted.

    Args:
        folder: Its original path.
    """
    return folder.with_name(f".{folder.name}{TRASH}")


def remove(path: Path) -> None:
    """Delete a file or a folder; a folder is renamed first. A missing path is not an error.

    Args:
        path: The file, the folder, or a folder that an earlier deletion renamed.

    Raises:
        StoreError: The path cannot be deleted.
    """
    try:
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return
        gone = path if path.name.endswith(TRASH) else trash(path)
        if gone != path:
            shutil.rmtree(gone, ignore_errors=True)  # left by an interrupted deletion
            path.rename(gone)
        shutil.rmtree(gone)
    except FileNotFoundError:  # another process is deleting it as well
        return
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be deleted ({error.strerror}); check the folder and its permissions"
        ) from error


def leftovers_of(folder: Path) -> list[Path]:
    """List incomplete versions, versions being deleted and temporary files in the folder of a collection.

    Args:
        folder: The folder; it need not exist. Folders whose names are not version names are ignored.
    """
    versions = [path for path in (folder / "versions").glob("*") if _is_left(path)]
    return sorted([*versions, *folder.glob(".*.tmp"), *(folder / "versions").glob("*/.*.tmp")])


def _is_left(version: Path) -> bool:
    if version.name.endswith(TRASH):
        return True
    return is_name(version.name) and not (version / "manifest.json").exists()
