"""Fit, serialise and restore debias transforms by name."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray
from searchapp.debias.base import DebiasTransform
from searchapp.debias.centering import Centering
from searchapp.debias.counterparts import MARGIN, STRENGTH, Counterparts
from searchapp.debias.lir import LanguageInformationRemoval
from searchapp.debias.lsar import SubspaceRemoval
from searchapp.debias.shift import ALPHA, Shift
from searchapp.errors import ConfigurationError, InputError, StoreError
from searchapp.files.arrays import Kind, read_arrays

FORMAT = 1
MOST_LANGUAGES = 1_000
"""Maximum number of languages of a transform that are tried out."""
ARRAYS = {"head": Kind("u", 1), "*": Kind("fiuU")}
"""Arrays of a transform's file; its method knows the names of the others."""
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
        method: A name in `METHODS`.
        vectors: (n, dimension) unit embeddings of passages.
        languages: Language of each vector.
        groups: Group of each vector, equal for translations of each other; required by `shift`.
        rank: Directions that `lir` (default 1) and `lsar` (default: the number of languages minus one) remove.
        alpha: Share of the mean difference by which `shift` moves passages.
        strength: Weight of the mean in `counterparts`, relative to the passage's 1.
        margin: Minimum ratio margin of `counterparts`; a higher one finds fewer and more reliable counterparts.

    Raises:
        BuildError: The vectors do not suffice.
        ConfigurationError: The method is unknown, or a setting is out of range.
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
    """Serialise a transform; equal transforms give equal bytes.

    Args:
        transform: A fitted transform.
    """
    head = json.dumps(
        {"format": FORMAT, "name": transform.name, "settings": dict(transform.settings)}, sort_keys=True
    ).encode()
    file = io.BytesIO()
    np.savez(file, head=np.frombuffer(head, dtype=np.uint8), **transform.arrays())  # type: ignore[arg-type]
    return file.getvalue()


def from_bytes(data: bytes, *, origin: str, dimension: int | None = None) -> DebiasTransform:
    """Restore a transform that `to_bytes` serialised.

    Args:
        data: Content of the transform's file.
        origin: Name of the file, for messages.
        dimension: Dimension of the vectors that it will move; None accepts any.

    Raises:
        StoreError: It is damaged, of a newer format, or of another dimension.
    """
    try:
        found = read_arrays(data, ARRAYS, origin=origin)
        head = json.loads(found.pop("head").tobytes())
        if head["format"] != FORMAT:
            raise StoreError(f"{origin}: debias transform of format {head['format']}, expected {FORMAT}: fit it again")
        transform = _READERS[head["name"]](found, head["settings"])
        _try_out(transform, found, dimension=dimension)
        return transform
    except StoreError:
        raise
    except InputError as error:
        raise StoreError(f"{origin}: damaged debias transform ({error.reason}); run: searchapp debias fit") from error
    except Exception as error:  # whatever the arrays and settings of a strange file cause
        raise StoreError(f"{origin}: damaged debias transform ({error!r}); run: searchapp debias fit") from error


def _try_out(transform: DebiasTransform, arrays: Mapping[str, NDArray[Any]], *, dimension: int | None) -> None:
    """Move one vector of each language, so that a transform that cannot be applied is noticed before a search."""
    (there,) = {array.shape[-1] for array in arrays.values() if array.dtype.kind == "f" and array.ndim > 1}
    if dimension is None:
        dimension = there
    if there != dimension:
        raise ValueError(f"it moves vectors of dimension {there:,}, expected {dimension:,}")
    for language in (*arrays["languages"].tolist()[:MOST_LANGUAGES], UNKNOWN_LANGUAGE):
        vector: FloatArray = np.full((1, dimension), dimension**-0.5, dtype=np.float32)
        for moved in (
            transform.transform_queries(vector, [language]),
            transform.transform_passages(vector, [language]),
        ):
            if moved.shape != vector.shape or not np.isfinite(moved).all():
                raise ValueError(f"it moves a vector of {language} to one of shape {moved.shape}, or to NaN")


def digest(data: bytes) -> str:
    """Compute the digest by which the manifest identifies a transform's file: 16 hexadecimal digits.

    Args:
        data: Content of the file.
    """
    return hashlib.blake2b(data, digest_size=8).hexdigest()
