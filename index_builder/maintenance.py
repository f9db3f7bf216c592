"""Activate and delete finished versions and collections, under the collection's build lock."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from index_builder.lock import build_lock
from index_builder.rejects import rejects_folder, rejects_path
from index_builder.unfinished import journals
from searchapp.errors import CollectionNotFoundError, StoreError
from searchapp.stores.base import Catalog
from searchapp.stores.names import CollectionName, VersionName

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Activation:
    """The result of `activate`: `before` is the version that was live previously, None if there was none."""

    collection: str
    version: str
    before: str | None


def activate(catalog: Catalog, collection: str, version: str | None = None, *, work: Path) -> Activation:
    """Make another version live at once, without a rebuild.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        version: The version; None for the one that was live before the live one.
        work: Folder of journals, locks and rejects.

    Raises:
        BuildInProgressError: A build of the collection is running.
        CollectionNotFoundError: The collection or version does not exist, or none is older than the live one.
    """
    name = CollectionName(collection)
    with build_lock(work, name):
        found = catalog.versions(name)
        versions = [info.version for info in found]
        live = next((info.version for info in found if info.live), None)
        target = _before(versions, live, name) if version is None else _known(version, versions, name)
        catalog.activate(name, target)
    return Activation(name, target, live)


def delete_collection(catalog: Catalog, collection: str, *, work: Path) -> list[str]:
    """Delete a collection with its versions, its unfinished builds and its rejects.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        work: Folder of journals, locks and rejects.

    Returns:
        The deleted versions, as far as their manifests could be read.

    Raises:
        BuildInProgressError: A build of the collection is running.
        CollectionNotFoundError: The collection does not exist.
    """
    name = CollectionName(collection)
    with build_lock(work, name):
        try:
            versions = [info.version for info in catalog.versions(name)]
        except StoreError as error:  # damage must not prevent the deletion
            logger.warning("%s", error)
            versions = []
        catalog.delete_collection(name)
        shutil.rmtree(journals(work, name), ignore_errors=True)
        shutil.rmtree(rejects_folder(work, name), ignore_errors=True)
    return versions


def delete_version(catalog: Catalog, collection: str, version: str, *, work: Path) -> None:
    """Delete one version, which must not be live, with its rejects.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        version: Name of the version.
        work: Folder of journals, locks and rejects.

    Raises:
        BuildInProgressError: A build of the collection is running.
        CollectionNotFoundError: The collection or version does not exist.
        StoreError: The version is live.
    """
    name = CollectionName(collection)
    with build_lock(work, name):
        try:
            _known(version, [info.version for info in catalog.versions(name)], name)
        except StoreError as error:  # damage must not prevent the deletion
            logger.warning("%s", error)
        catalog.delete_version(name, version)
        rejects_path(work, name, VersionName(version)).unlink(missing_ok=True)


def _known(version: str, versions: list[str], collection: str) -> str:
    if version not in versions:
        raise CollectionNotFoundError(
            f"collection {collection!r} has no version {version!r}; it has {', '.join(versions)}"
        )
    return version


def _before(versions: list[str], live: str | None, collection: str) -> str:
    if live is None:
        return versions[-1]
    place = versions.index(live)
    if place == 0:
        raise CollectionNotFoundError(f"collection {collection!r} has no version older than the live one, {live}")
    return versions[place - 1]
