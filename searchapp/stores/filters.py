"""Filters in one form that every engine translates alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from searchapp.datatypes import Filters
from searchapp.errors import InputError
from searchapp.text.normalise import normalize

OPERATORS = ("gte", "gt", "lte", "lt")


@dataclass(frozen=True, slots=True)
class Condition:
    """One field's condition: any of `values` or `numbers`, or within `bounds` (operator -> number).

    `fields` are the places where the field may be stored; one of them must meet the condition.

    Engines match text, integers and truth values; `numbers` are floats, found as ranges of one point, integers among them.
    """

    fields: tuple[str, ...]
    values: tuple[str | int | bool, ...] = ()
    numbers: tuple[float, ...] = ()
    bounds: tuple[tuple[str, float], ...] = ()


def parse_filters(filters: Filters | None) -> list[Condition]:
    """Read filters, all of which must hold.

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
            if isinstance(bound, bool) or not isinstance(bound, (int, float)):
                raise InputError(f"filter on {field!r}: {operator} needs a number, got {bound!r}")
            bounds.append((str(operator), float(bound)))
        return Condition(_places(field), bounds=tuple(bounds))
    values: list[str | int | bool] = []
    numbers: list[float] = []
    for value in wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]:
        if isinstance(value, (int, float)) and not isfinite(value):
            raise InputError(f"filter on {field!r}: {value!r} is not a number that can be stored")
        if isinstance(value, float):
            numbers.append(value)
        elif isinstance(value, (str, int)):
            values.append(normalize(value) if isinstance(value, str) else value)
        else:
            kind = type(value).__name__
            raise InputError(f"filter on {field!r}: {value!r} is a {kind}; use text, a number, bool or a range")
    if not values and not numbers:
        raise InputError(f"filter on {field!r}: an empty list; name at least one value or leave the filter out")
    return Condition(_places(field), values=tuple(values), numbers=tuple(numbers))


def _places(field: str) -> tuple[str, ...]:
    """Name the places of a field: `metadata.a.b` is `b` inside `a`, or a field called `a.b`; `t[0]` alike."""
    name = field.removeprefix("metadata.")
    return (
        (field, f'metadata."{name}"')
        if name != field and ("." in name or "[" in name) and '"' not in name
        else (field,)
    )
