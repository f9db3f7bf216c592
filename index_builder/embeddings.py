"""Save the embeddings of a collection to a file, and reuse them in a build elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.errors import InputError, UnreadableFileError, shown
from searchapp.files.arrays import Kind, read_arrays
from searchapp.files.replacing import replaced
from searchapp.stores.base import Catalog
from searchapp.stores.copying import all_points
from searchapp.stores.payload import Payload

KINDS: Final = {"fingerprint": Kind("U", 0), "reading": Kind("U", 1), "embedding": Kind("f", 2)}
"""Arrays of a file of embeddings."""

TOLERANCE = 0.01
"""How far from 1 the length of an embedding may be."""


def save_embeddings(catalog: Catalog, collection: str, path: Path) -> int:
    """Write the embeddings of a collection's live version to a file, with digests of the texts they were made from.

    Args:
        catalog: Catalog of the collection.
        collection: Name of the collection.
        path: The file, in NumPy's `.npz` format: `reading`, (n,) digests of what the encoder read; `embedding`,
            (n, dimension) float16; `fingerprint` of the encoder. An existing file is replaced atomically.

    Returns:
        The number of embeddings. Passages with the same reading share one.

    Raises:
        InputError: The collection was built before such digests were stored.
    """
    found: dict[str, FloatArray] = {}
    store, manifest = catalog.open(collection)
    with store:
        for page in all_points(store):
            for point in page:
                length = float(np.linalg.norm(point.dense))
                if (reading := Payload.read(point.payload).reading) and abs(length - 1) < TOLERANCE:
                    found[reading] = point.dense
    if not found:
        raise InputError(f"{collection} does not record what its embeddings were made from; rebuild it first")
    readings = sorted(found)
    with replaced(path) as part, part.open("wb") as file:
        np.savez(
            file,
            fingerprint=np.array(manifest.fingerprint),
            reading=np.array(readings),
            embedding=np.stack([found[reading] for reading in readings]).astype(np.float16),
        )
    return len(readings)


def read_embeddings(path: Path, *, encoder: Encoder) -> Mapping[str, FloatArray]:
    """Read a file written by `save_embeddings`.

    Args:
        path: File to read.
        encoder: The encoder of the build; the file must come from the same one.

    Returns:
        (dimension,) embeddings by the digest of what the encoder reads.

    Raises:
        InputError: The file is damaged, or comes from another encoder.
    """
    try:
        arrays = read_arrays(path, KINDS)
    except UnreadableFileError as error:
        raise InputError(
            f"not a file of embeddings ({error.reason}); write one with: searchapp index embeddings", path=path
        ) from error
    fingerprint, readings, embeddings = str(arrays["fingerprint"]), arrays["reading"], arrays["embedding"]
    if fingerprint != encoder.fingerprint:
        raise InputError(
            f"{path} comes from the encoder with fingerprint {shown(fingerprint)}, expected {encoder.fingerprint} "
            f"({encoder.name}); build without it, or with that encoder"
        )
    expected = (len(readings), encoder.dimension)
    if embeddings.shape != expected:
        raise InputError(f"{path}: embeddings of shape {embeddings.shape}, expected {expected}")
    with np.errstate(over="ignore"):
        vectors = embeddings.astype(np.float32)
        lengths = np.linalg.norm(vectors, axis=1)
    unit = np.abs(lengths - 1) < TOLERANCE  # NaN and infinity are not near 1 either
    if not unit.all():
        row = int(np.argmin(unit))
        raise InputError(f"{path}: embedding {row + 1} has length {lengths[row]:.3g}, expected 1")
    return dict(zip(readings.tolist(), vectors, strict=True))
