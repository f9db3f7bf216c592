"""The debias transform of a version that is being written: kept from the live one, applied to points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from index_builder.config import BuildConfig
from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.debias.attached import FILE, read_transform
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import to_bytes
from searchapp.encoders.base import Encoder
from searchapp.errors import CollectionNotFoundError, StoreError
from searchapp.stores.base import Catalog, Point


@dataclass(frozen=True, slots=True)
class Debias:
    """A transform with its file and its entry in the manifest."""

    transform: DebiasTransform
    data: bytes
    record: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The transform's."""
        return self.transform.name

    def attach(self, catalog: Catalog, collection: str, version: str) -> None:
        """Store the file with a version that is not complete yet."""
        catalog.attach(collection, version, FILE, self.data)


def kept_transform(catalog: Catalog, config: BuildConfig, *, encoder: Encoder) -> tuple[Debias | None, tuple[str, ...]]:
    """Give the live version's transform, if the new version is to have it, and what to tell the user about it."""
    try:
        live = catalog.live_version(config.collection)
        manifest = next(info.manifest for info in catalog.versions(config.collection) if info.version == live)
    except (CollectionNotFoundError, StoreError, StopIteration):
        return None, ()
    if not manifest.debias:
        return None, ()
    name = manifest.debias.get("name")
    if not config.debias:
        return None, (f"the {name} transform of the version before was dropped",)
    again = f"fit one anew with: searchapp debias fit {config.collection}"
    if manifest.fingerprint != encoder.fingerprint:
        return None, (f"the {name} transform was made for another encoder and was dropped; {again}",)
    try:
        transform = read_transform(catalog, manifest)
    except StoreError as error:
        return None, (f"the {name} transform cannot be read and was dropped ({error}); {again}",)
    if transform is None:  # unreachable: the manifest names one
        return None, ()
    note = f"the {name} transform of the version before was applied to this one too; drop it with --no-debias"
    return Debias(transform=transform, data=to_bytes(transform), record=manifest.debias), (note,)


def with_debiased(points: Sequence[Point], transform: DebiasTransform) -> list[Point]:
    """Add the debiased vectors to points."""
    if not points:
        return []
    vectors = transform.transform_passages(
        np.stack([point.dense for point in points]),
        [str(point.payload.get("language", UNKNOWN_LANGUAGE)) for point in points],
    )
    return [replace(point, debiased=vector) for point, vector in zip(points, vectors, strict=True)]
