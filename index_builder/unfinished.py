"""Builds that stopped half-way: what they left, and how to be rid of it.

A build that is killed leaves its journal, to be resumed from, and a store that nobody trusts. The next build of the
collection resumes it when it is the same build, and discards it when it is another one; until then it lies there.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from index_builder.journal import Journal
from index_builder.lock import build_lock
from index_builder.versions import complete_versions, noted_version
from searchapp.errors import BuildInProgressError, ConfigurationError
from searchapp.stores.base import Catalog
from searchapp.stores.names import CollectionName

logger = logging.getLogger(__name__)


def journals(work: Path, collection: CollectionName) -> Path:
    """Give the folder of a collection's journals; in it lies one folder per build.

    Args:
        work: Folder of journals, locks and rejects.
        collection: The collection.
    """
    return work / "journals" / collection


def unfinished_builds(catalog: Catalog, work: Path) -> dict[str, int]:
    """Find the collections with a build that stopped half-way; builds that run now are left out.

    Args:
        catalog: Where the collections are.
        work: Folder of journals, locks and rejects.

    Returns:
        Collection -> its finished batches, which a resumed build need not do again.
    """
    found: dict[str, int] = {}
    for pointer in sorted((work / "journals").glob("*/*/VERSION")):
        try:
            collection = CollectionName(pointer.parent.parent.name)
            with build_lock(work, collection):
                version = noted_version(pointer)
                if version and version not in complete_versions(catalog, collection):
                    found[collection] = max(found.get(collection, 0), len(Journal(pointer.parent).paths()))
        except (BuildInProgressError, ConfigurationError):  # it runs, or the folder is not ours
            continue
    return found


def discard_unfinished(catalog: Catalog, work: Path, collection: str) -> None:
    """Delete what unfinished builds of a collection left; its versions stay.

    Args:
        catalog: Where the collection is.
        work: Folder of journals, locks and rejects.
        collection: The collection.

    Raises:
        BuildInProgressError: A build of the collection is running.
    """
    name = CollectionName(collection)
    with build_lock(work, name):
        for journal in journals(work, name).glob("*"):
            discard(catalog, name, journal)


def discard(catalog: Catalog, collection: CollectionName, journal: Path) -> None:
    """Delete a journal and the incomplete version that it names; the caller holds the collection's lock.

    Args:
        catalog: Where the collection is.
        collection: The collection.
        journal: Folder of the journal; nothing happens when there is none.
    """
    logger.info("removing what an abandoned build left: %s", journal)
    version = noted_version(journal / "VERSION")
    if version and version not in complete_versions(catalog, collection):
        catalog.delete_version(collection, version)
    shutil.rmtree(journal, ignore_errors=True)
