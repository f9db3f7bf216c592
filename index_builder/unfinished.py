"""Builds that stopped half-way: what they left, and how to be rid of it.

A build that is killed leaves its journal, to be resumed from, and a store that nobody trusts. The next build of the
collection resumes it when it is the same build, and discards it when it is another one; until then it lies there.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from index_builder.journal import Journal
from index_builder.lock import build_lock, lock_path
from index_builder.versions import complete_versions
from searchapp.errors import BuildInProgressError
from searchapp.stores.base import Catalog

logger = logging.getLogger(__name__)


def journals(work: Path) -> Path:
    """The folder of journals: one folder per collection, in it one per build."""
    return work / "journals"


def unfinished_builds(catalog: Catalog, work: Path) -> dict[str, int]:
    """Tell which collections have a build that stopped half-way.

    Returns:
        Collection -> its finished batches, which a resumed build need not do again. Builds that run now are left out.
    """
    found: dict[str, int] = {}
    for pointer in sorted(journals(work).glob("*/*/VERSION")):
        collection = pointer.parent.parent.name
        try:
            with build_lock(lock_path(work, collection), collection=collection):
                version = _version(pointer)
                if version and version not in complete_versions(catalog, collection):
                    found[collection] = max(found.get(collection, 0), len(Journal(pointer.parent).paths()))
        except BuildInProgressError:
            continue
    return found


def discard_unfinished(catalog: Catalog, work: Path, collection: str) -> None:
    """Delete what unfinished builds of a collection left; its versions stay. Raises BuildInProgressError."""
    with build_lock(lock_path(work, collection), collection=collection):
        for journal in (journals(work) / collection).glob("*"):
            discard(catalog, collection, journal)


def discard(catalog: Catalog, collection: str, journal: Path) -> None:
    """Delete a journal and the incomplete version that it names; the caller holds the collection's lock."""
    logger.info("removing what an abandoned build left: %s", journal)
    version = _version(journal / "VERSION")
    if version and version not in complete_versions(catalog, collection):
        catalog.delete_version(collection, version)
    shutil.rmtree(journal, ignore_errors=True)


def _version(pointer: Path) -> str:
    try:
        return pointer.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
