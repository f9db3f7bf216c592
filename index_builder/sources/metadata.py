"""Clean metadata to values that every engine can store, reject what none can, and limit its size."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any

from searchapp.text.normalise import normalize

MAX_METADATA = 1 << 16
"""Maximum characters of a document's metadata, names included; every passage stores a copy."""

MAX_COPIES = 32 * 2**20
"""Maximum characters of metadata stored with all passages of one document together."""

MAX_DEPTH = 32
"""Maximum nesting depth; deeper values become text, because engines reject them or crash."""

_NUMBER = 8
"""Characters counted for a number, a truth value, null, a list or an object."""


class BadDocumentError(ValueError):
    """A document cannot be indexed; the message gives the reason.

    Args:
        reason: What was found and what was expected.
        kind: The same in a few fixed words.
    """

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(slots=True)
class Metadata:
    """Cleaned metadata.

    Attributes:
        values: Names and values.
        size: Approximate number of characters.
    """

    values: dict[str, Any]
    size: int = 0

    def count(self, characters: int) -> None:
        """Add to the size.

        Args:
            characters: Number of characters to add.

        Raises:
            BadDocumentError: The size is now above MAX_METADATA.
        """
        self.size += characters
        if self.size > MAX_METADATA:
            raise BadDocumentError(
                f"more than {MAX_METADATA:,} characters of metadata, which every passage would hold; name the text with "
                "--text-field or leave out fields that are not needed for filters",
                "metadata too large",
            )


def clean(row: Mapping[Any, Any]) -> Metadata:
    """Normalise names and text, and convert other types to text.

    Args:
        row: Fields that are neither text, id, title nor language.

    Raises:
        BadDocumentError: There are more than MAX_METADATA characters, or a number is one that no engine stores.
    """
    found = Metadata({})
    found.values = _clean(row, found, depth=0)
    return found


def number(value: Real, *, field: str) -> int | float:
    """Convert a number to one that every engine can store and compare.

    Args:
        value: The number; NumPy's are converted too.
        field: Name of the field, for the message.

    Raises:
        BadDocumentError: It is NaN or infinite, or an integer beyond 64 bits. As text it would silently fail every filter
            that compares numbers.
    """
    kind = "number out of range"
    if isinstance(value, Integral):
        if -(2**63) <= int(value) < 2**63:
            return int(value)
        raise BadDocumentError(
            f"{field!r} is an integer of {int(value).bit_length()} bits, at most 64 with the sign; write it as text",
            kind,
        )
    try:
        written = float(value)
    except OverflowError:  # of a fraction
        written = inf
    if not isfinite(written):
        raise BadDocumentError(f"{field!r} is {written}, expected a finite number; leave it out or write null", kind)
    return written


def _clean(value: Any, total: Metadata, *, depth: int, field: str = "metadata") -> Any:
    if isinstance(value, Mapping) and depth < MAX_DEPTH:
        total.count(_NUMBER)
        names = {key: _text(str(key), total) for key in value}
        return {
            name: _clean(value[key], total, depth=depth + 1, field=field if depth else name[:80])
            for key, name in names.items()
        }
    if isinstance(value, (list, tuple)) and depth < MAX_DEPTH:
        total.count(_NUMBER)
        return [_clean(item, total, depth=depth + 1, field=field) for item in value]
    if isinstance(value, str):
        return _text(value, total)
    if value is None or isinstance(value, bool):
        total.count(_NUMBER)
        return value
    if isinstance(value, Real):
        total.count(_NUMBER)
        return number(value, field=field)
    return _text(_as_text(value), total)


def _text(value: str, total: Metadata) -> str:
    total.count(len(value))
    return normalize(value)


def _as_text(value: Any) -> str:
    """Write a value of another type; of lists and objects only a part: a few lines of YAML can contain billions of values."""
    return reprlib.repr(value) if isinstance(value, (Mapping, list, tuple, set, frozenset)) else str(value)
