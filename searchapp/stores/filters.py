"""Parse filters into one form that every engine can translate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from searchapp.datatypes import Filters
from searchapp.errors import InputError, shown
from searchapp.text.normalise import normalize

OPERATORS = ("gte", "gt", "lte", "lt")

MOST_VALUES = 10_000
"""Maximum number of values in a field's list."""

MOST_FLOATS = 100
"""Maximum number of floats in a field's list: engines match each by a range, which they test on every point."""

MOST_BOUND = 1.7e308
"""Largest number in a range."""

MOST_CHARACTERS = 10_000
"""Maximum number of characters in a value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition on one field: any of `values` or `numbers`, or within `bounds` (operator -> number).

    `fields` are the places where the field may be stored; one of them must meet the condition.

    Engines match text, integers and truth values. `numbers` are floats, with any integers among them, as ranges of one point.
    """

    fields: tuple[str, ...]
    values: tuple[str | int | bool, ...] = ()
    numbers: tuple[float, ...] = ()
    bounds: tuple[tuple[str, float], ...] = ()


def parse_filters(filters: Filters | None) -> list[Condition]:
    """Parse filters, which are combined with AND.

    Args:
        filters: Field -> a value, a list of values, or a range such as `{"gte": 1990}`; None for no conditions.

    Raises:
        InputError: An operator or a value's type is unknown.
    """
    return [_condition(field, wanted) for field, wanted in (filters or {}).items()]


def _condition(field: str, wanted: object) -> Condition:
    if isinstance(wanted, Mapping):
        if unknown := sorted(str(key) for key in wanted if key not in OPERATORS):
            raise InputError(f"filter on {field!r}: unknown operator {', '.join(unknown)}; use {', '.join(OPERATORS)}")
        if not wanted:
            raise InputError(f"filter on {field!r}: an empty range; use one of {', '.join(OPERATORS)}")
        bounds = []
        for operator, bound in wanted.items():
            if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not abs(bound) <= MOST_BOUND:
                raise InputError(f"filter on {field!r}: {operator} needs a number, got {shown(bound)}")
            bounds.append((str(operator), float(bound)))
        return Condition(_places(field), bounds=tuple(bounds))
    values: dict[tuple[type, str | int | bool], str | int | bool] = {}
    numbers: dict[float, None] = {}
    listed = list(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, (str, bytes)) else [wanted]
    if len(listed) > MOST_VALUES:
        raise InputError(f"filter on {field!r}: {len(listed):,} values, at most {MOST_VALUES:,} are allowed")
    for value in listed:
        _check_value(field, value)
        if isinstance(value, float):
            numbers[float(value)] = None
        elif isinstance(value, (str, int)):
            found = normalize(value) if isinstance(value, str) else value
            values[type(found), found] = found
    if len(numbers) > MOST_FLOATS:
        raise InputError(
            f"filter on {field!r}: {len(numbers):,} floats, at most {MOST_FLOATS} are allowed; use a range such as "
            "{'gte': 0.5, 'lt': 1.5}, or integers where the values are whole"
        )
    if not values and not numbers:
        raise InputError(f"filter on {field!r}: an empty list; name at least one value or leave the filter out")
    return Condition(_places(field), values=tuple(values.values()), numbers=tuple(numbers))


def _places(field: str) -> tuple[str, ...]:
    """Return the possible places of a field: `metadata.a.b` is `b` inside `a`, or a field called `a.b`; likewise `t[0]`."""
    name = field.removeprefix("metadata.")
    return (
        (field, f'metadata."{name}"')
        if name != field and ("." in name or "[" in name) and '"' not in name
        else (field,)
    )


def _check_value(field: str, value: object) -> None:
    """Reject what engines cannot match: other types, NaN, numbers over 64 bits and unpaired surrogates."""
    if isinstance(value, str):
        if len(value) > MOST_CHARACTERS:
            raise InputError(
                f"filter on {field!r}: a text of {len(value):,} characters, at most {MOST_CHARACTERS:,} are allowed"
            )
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise InputError(f"filter on {field!r}: {shown(value)} contains an unpaired surrogate")
    elif isinstance(value, float):
        if not isfinite(value):
            raise InputError(f"filter on {field!r}: {value!r} is not a number that can be stored")
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise InputError(f"filter on {field!r}: {shown(value)} needs more than 64 bits and cannot be stored")
    else:
        raise InputError(f"filter on {field!r}: {shown(value)}; use text, a number, bool or a range")
