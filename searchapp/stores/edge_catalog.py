"""Keep embedded collections in folders: one per collection, one per version in it, and an atomically replaced pointer."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from searchapp.errors import CollectionNotFoundError, StoreError
from searchapp.files.replacing import sync_folder
from searchapp.stores.base import StoreSpec, VersionInfo
from searchapp.stores.durable import copy_folder, disk_bytes, replace_bytes, replace_text, unwritable
from searchapp.stores.edge import EdgeStore
from searchapp.stores.edge_trash import TRASH, leftovers_of, remove, trash
from searchapp.stores.history import activated, oldest_first
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import AttachmentName, CollectionName, VersionName, is_name

logger = logging.getLogger(__name__)


class EdgeCatalog:
    """Collections under `home/collections/NAME/{CURRENT, versions/VERSION/{shard, manifest.json, …}}`. Thread-safe.

    The first line of CURRENT names the live version, and the following lines the earlier live versions, latest first.

    Args:
        home: The home folder, created on the first write.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def collections(self) -> list[str]:
        """Return the names of the collections that have a live version, sorted."""
        found = (self.home / "collections").glob("*/CURRENT")
        return sorted(path.parent.name for path in found if is_name(path.parent.name))

    def versions(self, collection: str) -> list[VersionInfo]:
        """List the complete versions in the order in which they were live, the latest last.

        Damage to the pointer or to a manifest is logged and does not hide the other versions, so that a rollback to one of
        them can repair the collection.

        Args:
            collection: Name of the collection.

        Raises:
            StoreError: All manifests are damaged.
            CollectionNotFoundError: The collection has no complete version.
        """
        folder = self._folder(collection)
        live, history = self._readable_pointer(collection)
        found: list[VersionInfo] = []
        damage: StoreError | None = None
        there = [path.parent.name for path in (folder / "versions").glob("*/manifest.json")]
        for version in oldest_first(filter(is_name, there), history):
            try:
                manifest = self._manifest(collection, version)
            except CollectionNotFoundError:  # deleted in the meantime
                continue
            except StoreError as error:
                logger.warning("%s", error)
                damage = error
                continue
            found.append(
                VersionInfo(
                    collection=collection,
                    version=version,
                    live=version == live,
                    manifest=manifest,
                    bytes=disk_bytes(folder / "versions" / version),
                )
            )
        if not found:
            raise damage or self._missing(collection)
        return found

    def live_version(self, collection: str) -> str:
        """Read the name of the live version from the pointer.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection has no live version.
        """
        return self._pointer(collection)[0]

    def open(self, collection: str, version: str | None = None) -> tuple[EdgeStore, Manifest]:
        """Open a version for reading.

        Args:
            collection: Name of the collection.
            version: Name of the version; None for the live one.

        Raises:
            CollectionNotFoundError: The collection has no such complete version.
        """
        chosen = self.live_version(collection) if version is None else version
        manifest = self._manifest(collection, chosen)
        return EdgeStore.open(self._version(collection, chosen) / "shard"), manifest

    def create(self, collection: str, version: str, spec: StoreSpec) -> EdgeStore:
        """Open a new, empty version for writing; an incomplete one of the same name is wiped.

        Args:
            collection: Name of the collection, which may be new.
            version: Name of the new version.
            spec: Layout of the new version.

        Raises:
            StoreError: The version exists and is complete.
        """
        return EdgeStore.create(self._writable(collection, version) / "shard", spec)

    def fork(self, collection: str, version: str, spec: StoreSpec, *, origin: str) -> EdgeStore:
        """Open a new version for writing on a copy of a complete one's files, without indexing anything again.

        Args:
            collection: Name of the collection.
            version: Name of the new version.
            spec: Layout of the new version, the same as the origin's.
            origin: Name of the complete version.
        """
        self._manifest(collection, origin)
        folder = self._writable(collection, version)
        copy_folder(self._version(collection, origin) / "shard", folder / "shard")
        return EdgeStore.open(folder / "shard", hnsw_threshold=spec.hnsw_threshold)

    def complete(self, collection: str, version: str, manifest: Manifest) -> None:
        """Write the manifest, which makes the version complete.

        Args:
            collection: Name of the collection.
            version: Name of the version, whose points are all written.
            manifest: What the version was built with.
        """
        folder = self._version(collection, version)
        replace_text(folder / "manifest.json", manifest.to_json())
        sync_folder(folder.parent)  # the version's own entry must survive a power failure before CURRENT names it

    def activate(self, collection: str, version: str) -> None:
        """Point CURRENT at a complete version. Readers see either the old or the new one.

        Args:
            collection: Name of the collection.
            version: Name of the complete version.

        Raises:
            CollectionNotFoundError: The collection has no such complete version.
        """
        self._manifest(collection, version)
        live, history = self._readable_pointer(collection)
        there = [name for name in history if (self._version(collection, name) / "manifest.json").exists()]
        lines = [VersionName(version), *activated(there, version, live=live or None)]
        replace_text(self._folder(collection) / "CURRENT", "\n".join(lines) + "\n")

    def attach(self, collection: str, version: str, name: str, data: bytes) -> None:
        """Write a file into the folder of a version that is not yet complete.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of the file.
            data: Content of the file.

        Raises:
            StoreError: The version is complete.
        """
        folder = self._version(collection, version)
        if (folder / "manifest.json").exists():
            raise StoreError(f"{folder}: this version is complete and cannot be written again; build a new one")
        replace_bytes(folder / AttachmentName(name), data)

    def attachment(self, collection: str, version: str, name: str) -> bytes:
        """Read a file of a version.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of the file, as given to `attach`.

        Raises:
            StoreError: The version has no readable file of this name.
        """
        path = self._version(collection, version) / AttachmentName(name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise StoreError(
                f"{path}: unreadable ({error.strerror}); roll back ({collection}) or rebuild the index"
            ) from error

    def delete_version(self, collection: str, version: str) -> None:
        """Delete a version that is not live. It disappears in one step; its files are deleted afterwards.

        Args:
            collection: Name of the collection.
            version: Name of the version.

        Raises:
            StoreError: The version is live.
        """
        folder = self._version(collection, version)
        try:
            live = self._pointer(collection)[0]
        except CollectionNotFoundError:
            live = ""
        if live == version:
            raise StoreError(f"version {version} of {collection!r} is live; activate another one before deleting it")
        remove(folder)
        with suppress(OSError):  # the folder usually contains other versions
            folder.parent.rmdir()
            folder.parent.parent.rmdir()

    def delete_collection(self, collection: str) -> None:
        """Delete a collection. It disappears in one step; its files are deleted afterwards.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection does not exist.
        """
        folder = self._folder(collection)
        if not folder.is_dir():
            raise self._missing(collection)
        remove(folder)

    def leftovers(self) -> dict[str, list[str]]:
        """Find incomplete versions, folders being deleted and temporary files that interrupted runs left."""
        found: dict[str, list[str]] = {}
        for folder in sorted((self.home / "collections").glob("*")):
            name = folder.name.removeprefix(".").removesuffix(TRASH)
            if is_name(name) and (paths := [folder] if folder.name.endswith(TRASH) else leftovers_of(folder)):
                found.setdefault(name, []).extend(str(path.relative_to(self.home)) for path in paths)
        return found

    def clear(self, collection: str, *, keep: Collection[str] = ()) -> list[str]:
        """Delete the leftovers of a collection and list them; the caller holds its build lock.

        Args:
            collection: Name of the collection.
            keep: Incomplete versions that stay.

        Returns:
            Paths of what was deleted, relative to the home folder.
        """
        folder = self._folder(collection)
        left = [path for path in (trash(folder), *leftovers_of(folder)) if path.exists()]
        gone = [path for path in left if path.name not in keep]
        for path in gone:
            remove(path)
        with suppress(OSError):  # the folder usually contains versions
            (folder / "versions").rmdir()
            folder.rmdir()
        return [str(path.relative_to(self.home)) for path in gone]

    def close(self) -> None:
        """Do nothing: there are no resources to release."""

    def _folder(self, collection: str) -> Path:
        return self.home / "collections" / CollectionName(collection)

    def _version(self, collection: str, version: str) -> Path:
        return self._folder(collection) / "versions" / VersionName(version)

    def _writable(self, collection: str, version: str) -> Path:
        """Create an empty folder for a new version."""
        folder = self._version(collection, version)
        if (folder / "manifest.json").exists():
            raise StoreError(f"{folder}: this version is complete and cannot be written again; build a new one")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise unwritable(folder, error) from error
        return folder

    def _pointer(self, collection: str) -> tuple[str, tuple[str, ...]]:
        """Read the live version and the earlier live versions, latest first."""
        path = self._folder(collection) / "CURRENT"
        try:
            version, *history = path.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            raise self._missing(collection) from None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{path}: unreadable ({error}); run: searchapp index rollback {collection}") from error
        if not is_name(version.strip()):
            raise StoreError(
                f"{path}: contains {version[:40]!r}, expected a version's name; run: searchapp index rollback {collection}"
            )
        return version.strip(), tuple(name for name in history if is_name(name))

    def _readable_pointer(self, collection: str) -> tuple[str, tuple[str, ...]]:
        """Read the pointer; treat a missing or damaged one as empty, because repairs start from there."""
        try:
            return self._pointer(collection)
        except CollectionNotFoundError:
            return "", ()
        except StoreError as error:
            logger.warning("%s", error)
            return "", ()

    def _manifest(self, collection: str, version: str) -> Manifest:
        path = self._version(collection, version) / "manifest.json"
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CollectionNotFoundError(
                f"collection {collection!r} has no complete version {version!r}; see: searchapp index info {collection}"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{path}: unreadable ({error}); run: searchapp index rollback {collection}") from error
        return Manifest.from_json(text, origin=str(path))

    def _missing(self, collection: str) -> CollectionNotFoundError:
        there = ", ".join(self.collections()) or "none yet"
        return CollectionNotFoundError(
            f"no collection {collection!r} in {self.home} (collections: {there}). "
            f"Build it with: searchapp index build SOURCE --collection {collection}"
        )
