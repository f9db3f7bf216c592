"""Read NumPy's `.npz` files. Nothing is read before its size and kind are known, so that no file can fill the memory."""

from __future__ import annotations

import io
import math
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from searchapp.errors import UnreadableFileError

MOST_HEADER = 10_000
"""Maximum bytes of an array's header."""

MOST_ARRAYS = 1_000
"""Maximum arrays in a file."""

MOST_UNPACKED = 256 * 2**20
"""Maximum bytes of the arrays of a compressed file together."""

MOST_ENTRIES = 2**16
"""Maximum entries along one axis of an array that has fewer bytes than entries, because another axis is empty."""

LAST_CHARACTER = 0x10FFFF

DAMAGES = (OSError, EOFError, ValueError, KeyError, TypeError, OverflowError, NotImplementedError, RuntimeError, MemoryError,
           SyntaxError, zlib.error, zipfile.BadZipFile)  # fmt: skip
"""What zipfile, zlib and NumPy raise for damaged files."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an array must be.

    Attributes:
        letters: Allowed kinds of its values, by NumPy's letters: `f` numbers, `i` and `u` integers, `U` texts.
        dimensions: Number of its dimensions; None for any.
        finite: Whether NaN and infinity are refused.
    """

    letters: str
    dimensions: int | None = None
    finite: bool = True


def read_arrays(
    source: Path | bytes, kinds: Mapping[str, Kind], *, origin: str = "", packed: bool = False
) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file.

    Args:
        source: The file, or its content.
        kinds: Name of an array -> what it must be. All are required, and others are refused. A name that ends with `*`
            stands for any number of arrays whose names begin so.
        origin: Name of the content in messages; default: the path.
        packed: Whether the arrays may be compressed; they then have at most `MOST_UNPACKED` bytes together.

    Raises:
        UnreadableFileError: The file is damaged, too large when unpacked, or holds something else.
    """
    path = origin or str(source if isinstance(source, Path) else "")
    try:
        if isinstance(source, Path) and not stat.S_ISREG(source.stat().st_mode):
            raise ValueError("no regular file")
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            members = _members(archive, kinds, packed=packed)
            return {name: _array(archive, info, kind) for name, (info, kind) in members.items()}
    except DAMAGES as error:
        raise UnreadableFileError(str(error)[:200] or type(error).__name__, kind="damaged", path=path) from error


def _members(
    archive: zipfile.ZipFile, kinds: Mapping[str, Kind], *, packed: bool
) -> dict[str, tuple[zipfile.ZipInfo, Kind]]:
    """Match the members of an archive with what is expected of them."""
    infos = archive.infolist()
    names = [info.filename.removesuffix(".npy") for info in infos]
    matched = [_kind(name, kinds) for name in names]
    required = {name for name in kinds if not name.endswith("*")}
    if len(set(names)) != len(names) or len(names) > MOST_ARRAYS or None in matched or required - set(names):
        raise ValueError(f"it contains {', '.join(sorted(names)[:5])[:100]}; expected {', '.join(kinds)}")
    for info in infos:
        allowed = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) if packed else (zipfile.ZIP_STORED,)
        if info.compress_type not in allowed or info.flag_bits & 1:
            raise ValueError(f"{info.filename[:80]} is packed or encrypted")
    size = sum(info.file_size for info in infos)
    if packed and size > MOST_UNPACKED:
        raise ValueError(f"{size:,} bytes unpacked, at most {MOST_UNPACKED:,}")
    return {name: (info, kind) for name, info, kind in zip(names, infos, matched, strict=True) if kind is not None}


def _kind(name: str, kinds: Mapping[str, Kind]) -> Kind | None:
    if name in kinds:
        return kinds[name]
    return next((kind for key, kind in kinds.items() if key.endswith("*") and name.startswith(key[:-1])), None)


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, kind: Kind) -> NDArray[Any]:
    """Read one array after its header says that it is what it must be."""
    with archive.open(info) as file:
        version = npy.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{info.filename[:80]} has layout {version}, expected (1, 0)")
        shape, _, dtype = npy.read_array_header_1_0(file, max_header_size=MOST_HEADER)
        fits = math.prod(shape) * dtype.itemsize == info.file_size - file.tell()
    dimensions = len(shape) if kind.dimensions is None else kind.dimensions
    longest = max(shape, default=0)
    if (
        dtype.kind not in kind.letters
        or dtype.itemsize == 0
        or not dtype.isnative
        or len(shape) != dimensions
        or not fits
        or longest > max(MOST_ENTRIES, info.file_size)
    ):
        raise ValueError(f"{info.filename[:80]} is {dtype} of shape {shape} in {info.file_size:,} bytes")
    with archive.open(info) as file:
        array = npy.read_array(file, allow_pickle=False, max_header_size=MOST_HEADER)
    if kind.finite and dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{info.filename[:80]} contains NaN or infinity")
    if dtype.kind == "U" and array.size and np.frombuffer(array.tobytes(), dtype=np.uint32).max() > LAST_CHARACTER:
        raise ValueError(f"{info.filename[:80]} contains what is no text")
    return array
