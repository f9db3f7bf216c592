"""The embedded catalog: a folder per collection, one per version in it, and a pointer file renamed into place."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from searchapp.errors import CollectionNotFoundError, ConfigurationError, StorageFullError, StoreError
from searchapp.manifest import Manifest
from searchapp.stores.base import StoreSpec, VersionInfo
from searchapp.stores.edge import EdgeStore

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def check_name(name: str, *, kind: str = "collection") -> str:
    """Return a valid name; raises ConfigurationError for one that could leave its folder or confuse an alias."""
    if not NAME.fullmatch(name) or "__" in name:
        raise ConfigurationError(
            f"{kind} name {name!r}: use letters, digits, '.', '-' and single '_', starting with a letter or digit, "
            "100 characters at most"
        )
    return name


class EdgeCatalog:
    """Collections under `home/collections/NAME/{CURRENT, versions/VERSION/{shard, manifest.json}}`. Thread-safe.

    Args:
        home: Created when something is written to it.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def collections(self) -> list[str]:
        """Names of the collections that have a live version, sorted."""
        return sorted(path.parent.name for path in (self.home / "collections").glob("*/CURRENT"))

    def versions(self, collection: str) -> list[VersionInfo]:
        """Complete versions, oldest first."""
        try:
            live = self.live_version(collection)
        except CollectionNotFoundError:
            live = ""
        found = [
            VersionInfo(
                collection=collection,
                version=path.parent.name,
                live=path.parent.name == live,
                manifest=self._manifest(collection, path.parent.name),
                bytes=sum(file.stat().st_blocks * 512 for file in path.parent.rglob("*") if file.is_file()),
            )
            for path in sorted((self._folder(collection) / "versions").glob("*/manifest.json"))
        ]
        if not found:
            raise self._missing(collection)
        return found

    def live_version(self, collection: str) -> str:
        """Read the pointer."""
        pointer = self._folder(collection) / "CURRENT"
        try:
            version = pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise self._missing(collection) from None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{pointer}: unreadable ({error}); run: searchapp index rollback {collection}") from error
        if not NAME.fullmatch(version):
            raise StoreError(
                f"{pointer}: holds {version[:40]!r}, expected a version's name; "
                f"run: searchapp index rollback {collection}"
            )
        return version

    def open(self, collection: str, version: str | None = None) -> tuple[EdgeStore, Manifest]:
        """Open a version (the live one by default) for reading."""
        chosen = version or self.live_version(collection)
        manifest = self._manifest(collection, chosen)
        return EdgeStore.open(self._version(collection, chosen) / "shard"), manifest

    def create(self, collection: str, version: str, spec: StoreSpec) -> EdgeStore:
        """Open a new, empty version for writing; an incomplete one of the same name is wiped."""
        folder = self._version(collection, version)
        if (folder / "manifest.json").exists():
            raise StoreError(f"{folder}: this version is complete and cannot be written again; build a new one")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be created ({error.strerror}); check the folder's permissions"
            ) from error
        return EdgeStore.create(folder / "shard", spec)

    def complete(self, collection: str, version: str, manifest: Manifest) -> None:
        """Write the manifest: the version is complete from now on."""
        _replace(self._version(collection, version) / "manifest.json", manifest.to_json())

    def activate(self, collection: str, version: str) -> None:
        """Point CURRENT at a complete version; readers see the old or the new one, never neither."""
        self._manifest(collection, version)
        _replace(self._folder(collection) / "CURRENT", version + "\n")

    def delete_version(self, collection: str, version: str) -> None:
        """Remove a version that is not live; its manifest goes first, so that a half-removed one is never listed."""
        folder = self._version(collection, version)
        try:
            live = self.live_version(collection) == version
        except CollectionNotFoundError:
            live = False
        if live:
            raise StoreError(f"version {version} of {collection!r} is live; activate another one before deleting it")
        (folder / "manifest.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def delete_collection(self, collection: str) -> None:
        """Remove a collection; the pointer goes first."""
        folder = self._folder(collection)
        if not folder.is_dir():
            raise self._missing(collection)
        (folder / "CURRENT").unlink(missing_ok=True)
        shutil.rmtree(folder)

    def close(self) -> None:
        """Nothing to release."""

    def _folder(self, collection: str) -> Path:
        return self.home / "collections" / check_name(collection)

    def _version(self, collection: str, version: str) -> Path:
        return self._folder(collection) / "versions" / check_name(version, kind="version")

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


def _replace(path: Path, text: str) -> None:
    """Write a file durably, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageFullError(f"{path}: cannot be written ({error.strerror}); check space and permissions") from error
