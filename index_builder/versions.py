"""Name versions, and choose which old ones to delete."""

from __future__ import annotations

from pathlib import Path

from searchapp.errors import BuildError, CollectionNotFoundError, ConfigurationError, StoreError
from searchapp.stores.base import Catalog
from searchapp.stores.durable import replace_text
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import CollectionName, VersionName


def new_version(pointer: Path, *, suffix: str) -> VersionName:
    """Name a version by the time and note the name in a file, so that an abandoned version can be found and removed.

    Args:
        pointer: File that holds the name.
        suffix: Ends the name; distinguishes versions of the same millisecond.
    """
    version = VersionName.new(suffix=suffix)
    replace_text(pointer, version)
    return version


def noted_version(pointer: Path) -> VersionName | None:
    """Read the name that `new_version` noted; None when there is no such file or it holds no name.

    Args:
        pointer: File that holds the name.
    """
    try:
        return VersionName(pointer.read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, ConfigurationError):
        return None


def check_live(catalog: Catalog, origin: Manifest) -> None:
    """Make sure that a version is still live; the caller holds the collection's build lock.

    Args:
        catalog: Catalog of the collection.
        origin: The version's manifest, read before the lock was held.

    Raises:
        BuildError: Another version went live meanwhile; what it brought would be lost.
    """
    if (live := catalog.live_version(origin.collection)) != origin.version:
        raise BuildError(
            f"version {live} of {origin.collection} went live while this change began; nothing was changed: try again"
        )


def complete_versions(catalog: Catalog, collection: CollectionName) -> list[str]:
    """List the complete versions of a collection, oldest first; an unknown collection has none.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
    """
    try:
        return [info.version for info in catalog.versions(collection)]
    except CollectionNotFoundError:
        return []


def prune(catalog: Catalog, collection: CollectionName, *, keep: int) -> tuple[list[str], list[str]]:
    """Delete the versions that were live longest ago; the live one and `keep` others stay.

    A failed deletion does no harm: the new version is live, and the next build or `searchapp index clean` tries again.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        keep: Number of versions to keep in addition to the live one.

    Returns:
        The versions that were deleted, and notes for the user about those that could not be.
    """
    deleted: list[str] = []
    notes: list[str] = []
    try:
        old = [info.version for info in catalog.versions(collection) if not info.live]
    except StoreError as error:
        return [], [f"old versions could not be listed ({error}); run: searchapp index clean {collection}"]
    for version in old[: max(0, len(old) - keep)]:
        try:
            catalog.delete_version(collection, version)
            deleted.append(version)
        except StoreError as error:
            notes.append(
                f"the old version {version} could not be deleted ({error}); run: searchapp index clean {collection}"
            )
    return deleted, notes
