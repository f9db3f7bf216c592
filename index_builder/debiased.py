"""Apply the live version's debias transform to a version that is being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from searchapp.debias.attached import FILE, parse_transform
from searchapp.debias.base import DebiasTransform
from searchapp.encoders.base import Encoder
from searchapp.errors import CollectionNotFoundError, StoreError
from searchapp.stores.base import Catalog, Point
from searchapp.stores.build_record import DebiasRecord
from searchapp.stores.names import CollectionName
from searchapp.stores.payload import language_of


@dataclass(frozen=True, slots=True)
class Debias:
    """A transform, the content of its file and its entry in the manifest."""

    transform: DebiasTransform
    data: bytes
    record: DebiasRecord

    @property
    def name(self) -> str:
        """Return the name of the transform."""
        return self.transform.name

    def attach(self, catalog: Catalog, collection: str, version: str) -> None:
        """Store the file with a version that is not yet complete.

        Args:
            catalog: Catalog in which the version is written.
            collection: Name of the collection.
            version: Name of the version, which is not yet complete.
        """
        catalog.attach(collection, version, FILE, self.data)


def kept_transform(
    catalog: Catalog, collection: CollectionName, *, encoder: Encoder, keep: bool
) -> tuple[Debias | None, tuple[str, ...]]:
    """Read the live version's transform for the new version, and write notes about it for the user.

    Args:
        catalog: Catalog of the versions.
        collection: The collection being built.
        encoder: Encoder of the new version.
        keep: Whether the new version should have the transform.

    Raises:
        StoreError: The live version cannot be read, so that a build would silently lose the transform.
    """
    try:
        live = catalog.live_version(collection)
        found = catalog.versions(collection)
    except CollectionNotFoundError:
        return None, ()
    manifest = next((info.manifest for info in found if info.version == live), None)
    if manifest is None:
        if not keep:
            return None, ()
        raise StoreError(
            f"the live version {live} of {collection!r} cannot be read, so it is unknown whether it has a debias transform; "
            f"make another one live (searchapp index rollback {collection}), or build with --no-debias"
        )
    if not manifest.debias:
        return None, ()
    name = manifest.debias.name
    if not keep:
        return None, (f"the {name} transform of the previous version was dropped",)
    again = f"fit a new one with: searchapp debias fit {collection}"
    if manifest.fingerprint != encoder.fingerprint:
        return None, (f"the {name} transform was made for another encoder and was dropped; {again}",)
    data = catalog.attachment(collection, live, FILE)
    try:
        transform = parse_transform(data, manifest)
    except StoreError as error:  # permanently damaged: retrying does not help
        return None, (f"the {name} transform cannot be read and was dropped ({error}); {again}",)
    note = f"the {name} transform of the previous version is kept; drop it with --no-debias"
    return Debias(transform=transform, data=data, record=manifest.debias), (note,)


def with_debiased(points: Sequence[Point], transform: DebiasTransform) -> list[Point]:
    """Return copies of points with their debiased vectors.

    Args:
        points: Points with dense vectors and payloads; may be empty.
        transform: Transform fitted on vectors of the same encoder.
    """
    if not points:
        return []
    vectors = transform.transform_passages(
        np.stack([point.dense for point in points]),
        [language_of(point.payload) for point in points],
    )
    return [replace(point, debiased=vector) for point, vector in zip(points, vectors, strict=True)]
