"""Filters in one form that every engine translates alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from searchapp.datatypes import Filters
from searchapp.errors import InputError

OPERATORS = ("gte", "gt", "lte", "lt")


@dataclass(frozen=True, slots=True)
class Condition:
    """One field's condition: any of `values`, or within `bounds` (operator -> number)."""

    field: str
    values: tuple[str | int | bool, ...] = ()
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
        return Condition(field, bounds=tuple(bounds))
    values: list[str | int | bool] = []
    for value in wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]:
        if not isinstance(value, (str, int)):
            kind = type(value).__name__
            raise InputError(f"filter on {field!r}: {value!r} is a {kind}; use text, int, bool or a range")
        values.append(value)
    if not values:
        raise InputError(f"filter on {field!r}: an empty list; name at least one value or leave the filter out")
    return Condition(field, values=tuple(values))
