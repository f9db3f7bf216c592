"""Delete what interrupted builds and deletions left, so that nothing on disk is invisible to every command."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from index_builder.journal import Journal
from index_builder.lock import build_lock
from index_builder.piped import remove_abandoned
from index_builder.rejects import rejects_folder
from index_builder.unfinished import ONE_STEP, discard, journals
from index_builder.versions import complete_versions, noted_version
from searchapp.errors import BuildInProgressError
from searchapp.stores.base import Catalog
from searchapp.stores.names import CollectionName, is_name


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What `clean` did to one collection.

    Attributes:
        removed: Descriptions of what was deleted, for people.
        unfinished: Interrupted builds that were kept, because the same build can resume from them.
        busy: Whether a build of the collection is running, so that nothing was changed.
    """

    collection: str
    removed: tuple[str, ...] = ()
    unfinished: int = 0
    busy: bool = False


def clean(catalog: Catalog, collection: str | None = None, *, work: Path, unfinished: bool = False) -> list[Cleaning]:
    """Delete what interrupted builds and deletions left. Complete versions stay.

    Args:
        catalog: Catalog of the collections.
        collection: The only collection to clean; None for all.
        work: Folder of journals, locks and rejects.
        unfinished: Also delete the journals of builds that could be resumed.

    Returns:
        One entry for each collection in which something was done or is to be reported, and one for copies of standard
        input that were left.
    """
    if collection is not None:
        names = [CollectionName(collection)]
    else:
        folders = (path.name for kind in ("journals", "rejects") for path in (work / kind).glob("*") if path.is_dir())
        names = [CollectionName(name) for name in sorted({*catalog.leftovers(), *folders}) if is_name(name)]
    abandoned = remove_abandoned(work) if collection is None else ()
    found = [Cleaning("standard input", abandoned)] if abandoned else []
    for name in names:
        try:
            with build_lock(work, name):
                done = clean_locked(catalog, name, work=work, unfinished=unfinished)
        except BuildInProgressError:
            done = Cleaning(name, busy=True)
        if done.removed or done.unfinished or done.busy:
            found.append(done)
    return found


def clean_locked(catalog: Catalog, collection: CollectionName, *, work: Path, unfinished: bool = False) -> Cleaning:
    """Clean one collection as `clean` does; the caller holds its build lock.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        work: Folder of journals, locks and rejects.
        unfinished: Also delete the journals of builds that could be resumed.
    """
    complete = complete_versions(catalog, collection)
    removed: list[str] = []
    kept = 0
    shared: list[str] = []
    for journal in journals(work, collection).glob("*"):
        version = noted_version(journal / "VERSION")
        if not unfinished and journal.name not in ONE_STEP and version is not None and version not in complete:
            kept += 1
            if Journal(journal).shared is not None:
                shared.append(version)
            continue
        discard(catalog, collection, journal)
        removed.append(f"journal {journal.name}")
    removed += catalog.clear(collection, keep=shared)
    for rejects in rejects_folder(work, collection).glob("*.jsonl"):
        if rejects.stem not in complete:
            rejects.unlink(missing_ok=True)
            removed.append(f"rejects of {rejects.stem}")
    for folder in (journals(work, collection), rejects_folder(work, collection)):
        if folder.is_dir() and not any(folder.iterdir()):
            shutil.rmtree(folder)
    return Cleaning(collection, tuple(removed), kept)
