"""Save the embeddings of a collection to a file, and reuse them in a build elsewhere."""

from __future__ import annotations

import math
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.errors import InputError, shown
from searchapp.stores.base import Catalog
from searchapp.stores.copying import all_points
from searchapp.stores.payload import Payload

KINDS: Final = {"fingerprint": ("U", 0), "reading": ("U", 1), "embedding": ("f", 2)}
"""Array -> kind of its numbers, and number of dimensions."""

TOLERANCE = 0.01
"""How far from 1 the length of an embedding may be."""

MOST_HEADER = 10_000
"""Bytes of an array's header."""


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
        path: File to read.
        encoder: The encoder of the build; the file must come from the same one.

    Returns:
        (dimension,) embeddings by the digest of what the encoder reads.

    Raises:
        InputError: The file is damaged, or comes from another encoder.
    """
    try:
        fingerprint, readings, embeddings = _arrays(path)
    except (OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        reason = str(error)[:200] or type(error).__name__
        raise InputError(
            f"{path}: not a file of embeddings ({reason}); write one with: searchapp index embeddings"
        ) from error
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


def _arrays(path: Path) -> tuple[str, NDArray[np.str_], NDArray[np.floating[Any]]]:
    """Read the three arrays of a file; nothing is read before its size and kind are known."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("no regular file")
    with zipfile.ZipFile(path) as archive:
        found = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if len(archive.infolist()) != len(KINDS) or found.keys() != KINDS.keys():
            raise ValueError(f"it contains {', '.join(sorted(found)[:5])}; expected {', '.join(KINDS)}")
        fingerprint, readings, embeddings = (_array(archive, found[name], *kind) for name, kind in KINDS.items())
    return str(fingerprint), readings, embeddings


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, kind: str, dimensions: int) -> NDArray[Any]:
    """Read one array after checking its header for the expected type and dimensions."""
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise ValueError(f"{info.filename} is packed or encrypted")
    with archive.open(info) as file:
        version = npy.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{info.filename} has layout {version}, expected (1, 0)")
        shape, _, dtype = npy.read_array_header_1_0(file, max_header_size=MOST_HEADER)
    if dtype.kind != kind or len(shape) != dimensions or math.prod(shape) * dtype.itemsize > info.file_size:
        raise ValueError(f"{info.filename} is {dtype} of shape {shape} in {info.file_size:,} bytes")
    with archive.open(info) as file:
        return npy.read_array(file, allow_pickle=False, max_header_size=MOST_HEADER)
