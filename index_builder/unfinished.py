"""Find and discard interrupted builds.

An interrupted build leaves its journal, from which it can resume, and a store that is never trusted. The next build of the
collection resumes it if it is the same build and otherwise discards it.
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

ONE_STEP = ("debias", "remove")
"""Names of changes that restart instead of resuming: their folder only records the version that they write."""


def journals(work: Path, collection: CollectionName) -> Path:
    """Return the folder of a collection's journals, with one subfolder per build.

    Args:
        work: Folder of journals, locks and rejects.
        collection: Name of the collection.
    """
    return work / "journals" / collection


def unfinished_builds(catalog: Catalog, work: Path) -> dict[str, int]:
    """Find the collections with an interrupted build; running builds are left out.

    Args:
        catalog: Catalog of the collections.
        work: Folder of journals, locks and rejects.

    Returns:
        Collection -> number of finished batches, which a resumed build need not repeat.
    """
    found: dict[str, int] = {}
    for pointer in sorted((work / "journals").glob("*/*/VERSION")):
        try:
            collection = CollectionName(pointer.parent.parent.name)
            with build_lock(work, collection):
                version = noted_version(pointer)
                if version and version not in complete_versions(catalog, collection):
                    found[collection] = max(found.get(collection, 0), len(Journal(pointer.parent).paths()))
        except (BuildInProgressError, ConfigurationError):  # a running build, or a folder that is not ours
            continue
    return found


def discard_unfinished(catalog: Catalog, work: Path, collection: str) -> None:
    """Delete what interrupted builds of a collection left; its versions stay.

    Args:
        catalog: Catalog of the collection.
        work: Folder of journals, locks and rejects.
        collection: Name of the collection.

    Raises:
        BuildInProgressError: A build of the collection is running.
    """
    name = CollectionName(collection)
    with build_lock(work, name):
        for journal in journals(work, name).glob("*"):
            discard(catalog, name, journal)


def discard(catalog: Catalog, collection: CollectionName, journal: Path) -> None:
    """Delete a journal and the incomplete version that it names. The caller holds the collection's lock.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        journal: Folder of the journal; a missing folder is ignored.
    """
    logger.info("removing what an abandoned build left: %s", journal)
    version = noted_version(journal / "VERSION")
    if version and version not in complete_versions(catalog, collection):
        catalog.delete_version(collection, version)
    shutil.rmtree(journal, ignore_errors=True)
