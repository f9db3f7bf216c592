"""Save the embeddings of a collection to a file, and reuse them in a build elsewhere."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.errors import InputError
from searchapp.stores.base import Catalog
from searchapp.stores.copying import all_points
from searchapp.stores.payload import Payload


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
                if reading := Payload.read(point.payload).reading:
                    found[reading] = point.dense
    if not found:
        raise InputError(f"{collection} does not record what its embeddings were made from; rebuild it first")
    readings = sorted(found)
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            fingerprint=np.array(manifest.fingerprint),
            reading=np.array(readings),
            embedding=np.stack([found[reading] for reading in readings]).astype(np.float16),
        )
    unfinished.replace(path)
    return len(readings)


def read_embeddings(path: Path, *, encoder: Encoder) -> Mapping[str, FloatArray]:
    """Read a file written by `save_embeddings`.

    Args:
        path: The file.
        encoder: The encoder of the build; the file must come from the same one.

    Returns:
        (dimension,) embeddings by the digest of what the encoder reads.

    Raises:
        InputError: The file is damaged, or comes from another encoder.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            fingerprint, readings, embeddings = str(file["fingerprint"]), file["reading"], file["embedding"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: not a file of embeddings ({error}); write one with: searchapp index embeddings"
        ) from error
    if fingerprint != encoder.fingerprint:
        raise InputError(
            f"{path} comes from the encoder with fingerprint {fingerprint}, expected {encoder.fingerprint} "
            f"({encoder.name}); build without it, or with that encoder"
        )
    expected = (len(readings), encoder.dimension)
    if embeddings.shape != expected or not np.isfinite(embeddings).all():
        raise InputError(f"{path}: embeddings of shape {embeddings.shape}, expected finite numbers of shape {expected}")
    return dict(zip(readings.tolist(), embeddings.astype(np.float32), strict=True))
