"""Clean metadata to values that every engine can store, and limit its size."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
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


class TooLargeError(ValueError):
    """A document has too much metadata; the message gives the limit."""


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
            TooLargeError: The size is now above MAX_METADATA.
        """
        self.size += characters
        if self.size > MAX_METADATA:
            raise TooLargeError(
                f"more than {MAX_METADATA:,} characters of metadata, which every passage would hold; name the text with "
                "--text-field or leave out fields that are not needed for filters"
            )


def clean(row: Mapping[Any, Any]) -> Metadata:
    """Normalise names and text; convert other types, and numbers that no engine stores, to text.

    Args:
        row: Fields that are neither text, id, title nor language.

    Raises:
        TooLargeError: There are more than MAX_METADATA characters.
    """
    found = Metadata({})
    found.values = _clean(row, found, depth=0)
    return found


def _clean(value: Any, total: Metadata, *, depth: int) -> Any:
    if isinstance(value, Mapping) and depth < MAX_DEPTH:
        total.count(_NUMBER)
        return {_text(str(key), total): _clean(item, total, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and depth < MAX_DEPTH:
        total.count(_NUMBER)
        return [_clean(item, total, depth=depth + 1) for item in value]
    if isinstance(value, str):
        return _text(value, total)
    if value is None or isinstance(value, bool) or (isinstance(value, float) and isfinite(value)):
        total.count(_NUMBER)
        return value
    if isinstance(value, Integral):
        total.count(_NUMBER)
        value = int(value)
        return value if -(2**63) <= value < 2**63 else _text(_digits(value), total)
    if isinstance(value, Real) and isfinite(value):  # a number of NumPy's
        total.count(_NUMBER)
        return float(value)
    return _text(_as_text(value), total)


def _text(value: str, total: Metadata) -> str:
    total.count(len(value))
    return normalize(value)


def _digits(value: int) -> str:
    """Write a number; Python refuses to convert those of more than 4,300 digits to decimal."""
    return str(value) if value.bit_length() < 10_000 else hex(value)


def _as_text(value: Any) -> str:
    """Write a value of another type; of lists and objects only a part: a few lines of YAML can contain billions of values."""
    return reprlib.repr(value) if isinstance(value, (Mapping, list, tuple, set, frozenset)) else str(value)
