"""Store a collection's transform as a file of the version that it was applied to, named in the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from searchapp.debias.base import DebiasTransform
from searchapp.errors import StoreError
from searchapp.stores.base import Catalog
from searchapp.stores.build_record import DebiasRecord
from searchapp.stores.manifest import Manifest

FILE = "debias.npz"


def read_transform(catalog: Catalog, manifest: Manifest) -> DebiasTransform | None:
    """Read the transform of a version; None if it has none.

    Args:
        catalog: The catalog that contains the version.
        manifest: Manifest of the version.

    Raises:
        StoreError: The file is missing, damaged or not the one that the version was built with.
    """
    if not manifest.debias:
        return None
    return parse_transform(catalog.attachment(manifest.collection, manifest.version, FILE), manifest)


def parse_transform(data: bytes, manifest: Manifest) -> DebiasTransform:
    """Parse the content of a transform's file.

    Args:
        data: Content of the file.
        manifest: Manifest of the version that the file belongs to.

    Raises:
        StoreError: The file is damaged or not the one that the version was built with.
    """
    from searchapp.debias.loading import digest, from_bytes  # all methods, which most collections do not use

    origin = f"{manifest.collection}/{manifest.version}/{FILE}"
    expected = manifest.debias.digest if manifest.debias else None
    if digest(data) != expected:
        raise StoreError(f"{origin}: digest {digest(data)}, the manifest says {expected}; roll back or rebuild")
    return from_bytes(data, origin=origin, dimension=manifest.dimension)


def record(
    transform: DebiasTransform, data: bytes, *, fitted_on: Mapping[str, Any], default: bool = True
) -> DebiasRecord:
    """Create the manifest's entry for a transform.

    Args:
        transform: The fitted transform.
        data: Content of the transform's file.
        fitted_on: Description of the data it was fitted on, for display.
        default: Whether searches use it by default.
    """
    from searchapp.debias.loading import digest

    return DebiasRecord(
        name=transform.name,
        digest=digest(data),
        settings=dict(transform.settings),
        fitted_on=dict(fitted_on),
        default=default,
    )
