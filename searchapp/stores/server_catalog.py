"""Keep collections on a Qdrant server as physical collections `name__version`, the live one behind the alias `name`."""

from __future__ import annotations

import time
from collections.abc import Collection

from searchapp.errors import CollectionNotFoundError, MissingExtraError, StoreError, redacted
from searchapp.stores.base import StoreSpec, VersionInfo
from searchapp.stores.copying import all_points
from searchapp.stores.history import activated, oldest_first
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import AttachmentName, CollectionName, VersionName, is_name

try:
    from qdrant_client import QdrantClient, models

    from searchapp.stores.server import ServerStore
    from searchapp.stores.server_attachments import Attachments
    from searchapp.stores.server_connection import open_client
    from searchapp.stores.server_errors import mapped
    from searchapp.stores.server_manifests import Manifests
except ImportError as error:
    raise MissingExtraError(feature="a Qdrant server", extra="server") from error

FRESH_SECONDS = 1.0
"""Seconds for which a read alias is trusted, so that most queries need not read it. New versions are seen after them."""


def connect(url: str, *, api_key: str | None = None, prefer_grpc: bool = False, timeout: int = 30) -> ServerCatalog:
    """Connect to a server, or to a cluster by the addresses of its nodes.

    Args:
        url: Address such as `http://127.0.0.1:6333`, several separated by commas, or `:memory:` for a temporary one in
            this process. The default port is 6333.
        api_key: Key sent with every request.
        prefer_grpc: Use gRPC, on port 6334, where possible.
        timeout: Seconds per request.

    Raises:
        StoreError: No node answers; the message names the address.
        ConfigurationError: `url` contains no address.
    """
    if url == ":memory:":
        return ServerCatalog(QdrantClient(":memory:"), place=url)
    place = redacted(url)
    client = mapped(place, lambda: open_client(url, api_key=api_key, prefer_grpc=prefer_grpc, timeout=timeout))
    try:
        mapped(place, client.get_collections)
    except StoreError:
        client.close()
        raise
    return ServerCatalog(client, place=place, address=url)


class ServerCatalog:
    """The collections of one server. Thread-safe as qdrant-client is.

    Args:
        client: The connection, closed with the catalog.
        place: Name of the server in messages.
        address: Address at which other processes reach the server; None if only this one does.
    """

    def __init__(self, client: QdrantClient, *, place: str = "server", address: str | None = None) -> None:
        self._client = client
        self.address = address
        self._place = place
        self._manifests = Manifests(client, place=place)
        self._attachments = Attachments(client, place=place)
        self._live: dict[str, tuple[float, str]] = {}

    def collections(self) -> list[str]:
        """Return the names of the collections that have a live version, sorted."""
        return sorted(self._aliases())

    def versions(self, collection: str) -> list[VersionInfo]:
        """List the complete versions in the order in which they were live, the latest last.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection has no complete version.
        """
        live = self._aliases().get(CollectionName(collection))
        found = [
            VersionInfo(
                collection=collection,
                version=manifest.version,
                live=_physical(collection, manifest.version) == live,
                manifest=manifest,
            )
            for manifest in self._manifests.of(collection)
        ]
        if not found:
            raise self._missing(collection)
        infos = {info.version: info for info in found}
        return [infos[version] for version in oldest_first(infos, self._manifests.history(collection))]

    def live_version(self, collection: str) -> str:
        """Return the alias's target, read at most once in `FRESH_SECONDS`, and at once after a change made here.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection has no live version.
        """
        checked, version = self._live.get(CollectionName(collection), (0.0, ""))
        if version and time.monotonic() - checked < FRESH_SECONDS:
            return version
        physical = self._aliases().get(collection)
        if physical is None:
            self._live.pop(collection, None)
            raise self._missing(collection)
        version = physical.removeprefix(f"{collection}__")
        self._live[collection] = (time.monotonic(), version)
        return version

    def open(self, collection: str, version: str | None = None) -> tuple[ServerStore, Manifest]:
        """Open a version for reading.

        Args:
            collection: Name of the collection.
            version: Name of the version; None for the live one.

        Raises:
            CollectionNotFoundError: The collection has no such complete version.
        """
        chosen = self.live_version(collection) if version is None else version
        manifest = next((found for found in self._manifests.of(collection) if found.version == chosen), None)
        if manifest is None:
            raise CollectionNotFoundError(
                f"collection {collection!r} has no complete version {chosen!r}; see: searchapp index info {collection}"
            )
        return ServerStore(self._client, _physical(collection, chosen), place=self._place), manifest

    def create(self, collection: str, version: str, spec: StoreSpec) -> ServerStore:
        """Open a new, empty version for writing; an incomplete one of the same name is replaced.

        Args:
            collection: Name of the collection, which may be new.
            version: Name of the new version.
            spec: Layout of the new version.

        Raises:
            StoreError: The version exists and is complete.
        """
        self._check_free(CollectionName(collection))
        if any(manifest.version == version for manifest in self._manifests.of(collection)):
            raise StoreError(f"version {version} of {collection!r} is complete and cannot be written again")
        return ServerStore.create(self._client, _physical(collection, version), spec, place=self._place)

    def reopen(self, collection: str, version: str, spec: StoreSpec) -> ServerStore | None:
        """Open an incomplete version for writing with the points that it has; None if it does not exist.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            spec: Layout with which it was created.
        """
        physical = _physical(collection, version)
        if physical not in self._physical_names():
            return None
        return ServerStore(self._client, physical, place=self._place, hnsw_threshold=spec.hnsw_threshold)

    def fork(self, collection: str, version: str, spec: StoreSpec, *, origin: str) -> ServerStore:
        """Open a new version for writing and copy the points of a complete one into it, through this client.

        Args:
            collection: Name of the collection.
            version: Name of the new version.
            spec: Layout of the new version, the same as the origin's.
            origin: Name of the complete version.
        """
        source, _ = self.open(collection, origin)
        store = self.create(collection, version, spec)
        for page in all_points(source):
            store.upsert(page)
        return store

    def complete(self, collection: str, version: str, manifest: Manifest) -> None:
        """Store the manifest, which makes the version complete.

        Args:
            collection: Name of the collection.
            version: Name of the version, whose points are all written.
            manifest: What the version was built with.
        """
        self._manifests.put(collection, version, manifest)

    def activate(self, collection: str, version: str) -> None:
        """Move the alias in one atomic request. The history is written first, so that an interruption does no harm.

        Args:
            collection: Name of the collection.
            version: Name of the complete version.

        Raises:
            CollectionNotFoundError: The collection has no such complete version.
        """
        self.open(collection, version)
        before = self._aliases().get(CollectionName(collection))
        live = None if before is None else before.removeprefix(f"{collection}__")
        there = {manifest.version for manifest in self._manifests.of(collection)}
        history = [name for name in self._manifests.history(collection) if name in there]
        self._manifests.put_history(collection, activated(history, version, live=live))
        changes: list[models.AliasOperations] = []
        if before is not None:
            changes.append(models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=collection)))
        changes.append(
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(collection_name=_physical(collection, version), alias_name=collection)
            )
        )
        mapped(self._place, lambda: self._client.update_collection_aliases(changes))
        self._live.pop(collection, None)

    def attach(self, collection: str, version: str, name: str, data: bytes) -> None:
        """Store a file next to the manifests.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of the file.
            data: Content of the file.
        """
        self._attachments.put(_physical(collection, version), AttachmentName(name), data)

    def attachment(self, collection: str, version: str, name: str) -> bytes:
        """Read a file of a version.

        Args:
            collection: Name of the collection.
            version: Name of the version.
            name: Name of the file, as given to `attach`.

        Raises:
            StoreError: The version has no complete file of this name.
        """
        return self._attachments.get(_physical(collection, version), AttachmentName(name))

    def delete_version(self, collection: str, version: str) -> None:
        """Delete a version that is not live, complete or not.

        Args:
            collection: Name of the collection.
            version: Name of the version.

        Raises:
            StoreError: The version is live.
        """
        physical = _physical(CollectionName(collection), version)
        if self._aliases().get(collection) == physical:
            raise StoreError(f"version {version} of {collection!r} is live; activate another one before deleting it")
        self._drop(collection, version)

    def delete_collection(self, collection: str) -> None:
        """Delete a collection: its alias, then its versions.

        Args:
            collection: Name of the collection.

        Raises:
            CollectionNotFoundError: The collection has no complete version.
        """
        versions = self.versions(collection)
        if collection in self._aliases():
            drop = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=collection))
            mapped(self._place, lambda: self._client.update_collection_aliases([drop]))
            self._live.pop(collection, None)
        for info in versions:
            self._drop(collection, info.version)
        self._manifests.drop_history(collection)

    def leftovers(self) -> dict[str, list[str]]:
        """Find physical collections without a manifest: incomplete versions, and those that could not be deleted."""
        found: dict[str, list[str]] = {}
        for physical in sorted(self._physical_names()):
            collection, _, version = physical.rpartition("__")
            if is_name(collection) and is_name(version) and VersionName(version).is_ours:
                found.setdefault(collection, []).append(version)
        known = {name: self._manifests.versions(name) for name in found}
        return {name: left for name, all_ in found.items() if (left := [one for one in all_ if one not in known[name]])}

    def clear(self, collection: str, *, keep: Collection[str] = ()) -> list[str]:
        """Delete the leftovers of a collection and list them. The caller ensures that no build of it is running.

        Args:
            collection: Name of the collection.
            keep: Incomplete versions that stay.

        Returns:
            Names of the leftover versions; a live one among them is kept, because a rollback can repair it.
        """
        left = [one for one in self.leftovers().get(CollectionName(collection), []) if one not in keep]
        live = self._aliases().get(collection)
        for version in left:
            if _physical(collection, version) != live:  # the live version lost its manifest; a rollback repairs it
                self._drop(collection, version)
        return left

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _check_free(self, collection: str) -> None:
        """Reject a name of another collection or alias on the server before anything is built."""
        names = self._physical_names()
        aliases = mapped(self._place, self._client.get_aliases).aliases
        target = next((found.collection_name for found in aliases if found.alias_name == collection), None)
        if collection in names:
            raise StoreError(f"{self._place}: {collection!r} is a collection of somebody else's; choose another name")
        if target is not None and not target.startswith(f"{collection}__"):
            raise StoreError(f"{self._place}: {collection!r} is an alias of {target!r}; choose another name")

    def _drop(self, collection: str, version: str) -> None:
        self._manifests.drop(collection, version)
        self._attachments.drop(_physical(collection, version))
        mapped(self._place, lambda: self._client.delete_collection(_physical(collection, version)))

    def _physical_names(self) -> set[str]:
        return {found.name for found in mapped(self._place, self._client.get_collections).collections}

    def _aliases(self) -> dict[str, str]:
        aliases = mapped(self._place, self._client.get_aliases).aliases
        return {
            alias.alias_name: alias.collection_name
            for alias in aliases
            if alias.collection_name.startswith(f"{alias.alias_name}__")  # other aliases are not ours
        }

    def _missing(self, collection: str) -> CollectionNotFoundError:
        there = ", ".join(self.collections()) or "none yet"
        return CollectionNotFoundError(
            f"no collection {collection!r} on {self._place} (collections: {there}). "
            f"Build it with: searchapp index build SOURCE --collection {collection}"
        )


def _physical(collection: str, version: str) -> str:
    return f"{CollectionName(collection)}__{VersionName(version)}"
