"""Define the ranges of numbers that configurations are checked against."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from annotated_types import Ge, Gt, Le, Lt
from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", strict=True)
"""Unknown keys are errors, and no value is converted to another type."""

Count: TypeAlias = Annotated[int, Ge(0)]
AtLeastOne: TypeAlias = Annotated[int, Ge(1)]
Number: TypeAlias = Annotated[float, Ge(0)]
Positive: TypeAlias = Annotated[float, Gt(0)]
Share: TypeAlias = Annotated[float, Ge(0), Le(1)]
LeftOut: TypeAlias = Annotated[float, Ge(0), Lt(1)]
"""A share of something of which a part must remain."""
