"""Debias transforms by name: fit one, write it, read it back."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.debias.base import DebiasTransform
from searchapp.debias.centering import Centering
from searchapp.debias.counterparts import MARGIN, STRENGTH, Counterparts
from searchapp.debias.lir import LanguageInformationRemoval
from searchapp.debias.lsar import SubspaceRemoval
from searchapp.debias.shift import ALPHA, Shift
from searchapp.errors import ConfigurationError, StoreError

FORMAT = 1
METHODS = ("centering", "lir", "lsar", "shift", "counterparts")
_READERS: dict[str, Callable[[Mapping[str, NDArray[Any]], Mapping[str, Any]], DebiasTransform]] = {
    "centering": Centering.from_arrays,
    "lir": LanguageInformationRemoval.from_arrays,
    "lsar": SubspaceRemoval.from_arrays,
    "shift": Shift.from_arrays,
    "counterparts": Counterparts.from_arrays,
}


def fit_transform(
    method: str,
    vectors: FloatArray,
    languages: Sequence[str],
    *,
    groups: Sequence[int] | None = None,
    rank: int | None = None,
    alpha: float = ALPHA,
    strength: float = STRENGTH,
    margin: float = MARGIN,
) -> DebiasTransform:
    """Fit a transform.

    Args:
        method: One of `METHODS`.
        vectors: (n, dimension) embeddings of passages, unit length.
        languages: Of each.
        groups: Equal for translations of each other; `shift` needs them.
        rank: Directions that `lir` (default 1) and `lsar` (default: one less than the languages) remove.
        alpha: How far `shift` moves passages.
        strength: Weight of `counterparts` beside the passage.
        margin: Of `counterparts`; higher finds fewer and surer ones.

    Raises:
        BuildError: The vectors do not suffice.
        ConfigurationError: There is no such method, or a setting is out of range.
    """
    if method == "centering":
        return Centering.fit(vectors, languages)
    if method == "lir":
        return LanguageInformationRemoval.fit(vectors, languages, rank=1 if rank is None else rank)
    if method == "lsar":
        return SubspaceRemoval.fit(vectors, languages, rank=rank)
    if method == "shift":
        return Shift.fit(vectors, languages, groups=groups, alpha=alpha)
    if method == "counterparts":
        return Counterparts.fit(vectors, languages, strength=strength, margin=margin)
    raise ConfigurationError(f"unknown debias method {method!r}; expected one of {', '.join(METHODS)}")


def to_bytes(transform: DebiasTransform) -> bytes:
    """Serialise; equal transforms give equal bytes."""
    head = json.dumps(
        {"format": FORMAT, "name": transform.name, "settings": dict(transform.settings)}, sort_keys=True
    ).encode()
    file = io.BytesIO()
    np.savez(file, head=np.frombuffer(head, dtype=np.uint8), **transform.arrays())  # type: ignore[arg-type]
    return file.getvalue()


def from_bytes(data: bytes, *, origin: str) -> DebiasTransform:
    """Read back; raises StoreError that names `origin` when it is damaged or of a newer format."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = dict(arrays)
        head = json.loads(found.pop("head").tobytes())
        if head["format"] != FORMAT:
            raise StoreError(f"{origin}: debias transform of format {head['format']}, expected {FORMAT}: fit it again")
        return _READERS[head["name"]](found, head["settings"])
    except StoreError:
        raise
    except Exception as error:  # zip, npy and JSON readers, each with errors of its own
        raise StoreError(f"{origin}: damaged debias transform ({error!r}); run: searchapp debias fit") from error


def digest(data: bytes) -> str:
    """What the manifest names a transform's file by."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()
