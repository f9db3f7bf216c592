"""List the files under a folder, and those inside its zip files, in a fixed order."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """A file, or a place that could not be read.

    Attributes:
        path: Path of the file.
        place: Path inside the folder, with `/`; unique, and the basis of its document's id.
        problem: Why it cannot be read; empty if it can.
        kind: A short fixed description of the problem.
    """

    path: Path
    place: str
    problem: str = ""
    kind: str = ""


def walk(root: Path) -> list[Found]:
    """List the files under a folder without hidden ones, and the places that could not be read.

    Args:
        root: Folder to list, with its subfolders.
    """
    problems: list[OSError] = []
    files: list[Path] = []
    refused: list[Found] = []
    for folder, folders, names in os.walk(root, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(folder, name) for name in names if not name.startswith(".")]
    for error in problems:
        where = Path(os.fsdecode(error.filename or root))
        reason = f"this folder cannot be looked into ({error.strerror}); nothing under it is indexed"
        refused.append(Found(where, display(where.relative_to(root)), reason, "unreadable"))
    places = _Places()
    found = [_found(path, places.name(path.relative_to(root))) for path in sorted(files)]
    return sorted([*found, *refused], key=lambda one: os.fsencode(one.path))


def display(path: Path) -> str:
    """Write a path as text, with bytes that are not UTF-8 escaped.

    Args:
        path: A path from the operating system.
    """
    return unicodedata.normalize("NFC", os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace"))


def _found(path: Path, place: str) -> Found:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Found(path, place, f"cannot be read ({error.strerror})", "unreadable")
    if stat.S_ISREG(mode):
        return Found(path, place)
    what = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "no regular file"
    return Found(path, place, f"{what}, expected a file", "not a file")


class _Places:
    """Names files uniquely: of names that look alike, the later ones are escaped."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def name(self, path: Path) -> str:
        place = display(path)
        if place in self._used:
            place = path.as_posix().encode("ascii", "backslashreplace").decode()
        self._used.add(place)
        return place


def unique_places(names: list[str]) -> Iterator[str]:
    """Name the members of an archive as `walk` names files.

    Args:
        names: Paths inside the archive, in order.
    """
    places = _Places()
    for name in names:
        yield places.name(Path(name))
