"""Define how a search ranks its candidates: one frozen value with every correction off by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from searchapp.datatypes import Fusion
from searchapp.errors import InputError, shown

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Balance: TypeAlias = Literal["fair", "zscore", "rrf", "quota", "turns"]
Collapse: TypeAlias = Literal["none", "document", "translations"]
Expansion: TypeAlias = Literal["off", "passage", "translate", "both"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest value of a number; pydantic reads them where a number is annotated with them.

    Attributes:
        least: Smallest value.
        most: Largest value.
    """

    least: float
    most: float

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Add the bounds to the schema of the number.

        Args:
            source: Type of the number.
            handler: Makes its schema.
        """
        return {**handler(source), "ge": self.least, "le": self.most}


Share: TypeAlias = Annotated[float, Bounds(0, 1)]
Weight: TypeAlias = Annotated[float, Bounds(0, 10)]
Count: TypeAlias = Annotated[int, Bounds(1, 1_000)]
Constant: TypeAlias = Annotated[int, Bounds(1, 10_000)]

RRF_K = 60
"""The constant of Cormack, Clarke & Büttcher (2009), who found it near-optimal, with little effect around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Options for ranking the candidates of a search. The default is fused relevance alone.

    Args:
        fusion: How `hybrid` fuses its legs: `interleaved` (both legs order the passages of each language, and mostly the
            cosines decide between languages), `convex` (cosine plus a small lexical score), `rrf` (reciprocal ranks),
            `wrrf` (the same with more weight on the dense leg) or `dbsf`.
        lexical_weight: Weight of the lexical leg relative to the dense leg's 1. None uses the default of the fusion, which
            for `interleaved` is the encoder's; `interleaved` and `convex` divide it by the number of query languages.
        rrf_k: The constant of `rrf` and `wrrf`.
        feedback: Weight at which the best fused passage's vector is added to the query's for a second dense search, so
            that words found in one language help to find the passage in others. 0 omits that search. None uses the
            encoder's weight for `interleaved` and 0 for the others. Hybrid only.
        spans: Search each language span of a mixed query with the dense leg, in addition to the whole query.
        debias: Search the vectors made by the collection's debias transform; None uses the collection's default.
        rerank: Re-score the first `rerank_depth` candidates with the client's cross-encoder.
        rerank_depth: Number of candidates to re-score.
        expansion: Let the client's language model write a `passage`, `translate` the query, or do `both`.
        balance: λ of the language-balanced ranking: 0 is pure relevance, 1 is balanced.
        balance_by: Method of balancing; see `searchapp.ranking.balance`.
        diversity: 0 ranks by relevance alone, 1 makes each hit as unlike the hits above it as possible (MMR).
        per_language: Maximum number of hits in each language.
        collapse: Show only the best passage of a `document`, or of passages that are `translations` of each other.
        depth: Number of candidates of each leg that are fused and passed to the later stages.

    Raises:
        InputError: A value is unknown or out of range.
    """

    fusion: Fusion = "interleaved"
    lexical_weight: Weight | None = None
    rrf_k: Constant = RRF_K
    feedback: Weight | None = None
    spans: bool = False
    debias: bool | None = None
    rerank: bool = False
    rerank_depth: Count = 50
    expansion: Expansion = "off"
    balance: Share = 0.0
    balance_by: Balance = "fair"
    diversity: Share = 0.0
    per_language: Count | None = None
    collapse: Collapse = "none"
    depth: Count = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not field.default:  # defaults are valid, and loading pydantic takes longer than a search
                check_choice(field.name, value)


@dataclass(frozen=True, slots=True)
class Choice:
    """The possible values of a field of `Ranking`, from which flags, controls and messages are made.

    Attributes:
        name: Name of the field.
        kind: Type of its values.
        values: The possible words; empty for other types.
        least: Smallest number, if it is a number.
        most: Largest number.
        default: Value that changes nothing.
    """

    name: str
    kind: Literal["word", "flag", "number", "whole number"]
    default: str | float | None
    values: tuple[str, ...] = ()
    least: float = 0
    most: float = 0

    @property
    def expected(self) -> str:
        """Describe the possible values in words."""
        if self.kind == "word":
            return f"one of {', '.join(self.values)}"
        return "true or false" if self.kind == "flag" else f"a {self.kind} from {self.least:g} to {self.most:,}"


@cache
def choices() -> Mapping[str, Choice]:
    """Describe every field of `Ranking`, in order."""
    hints = get_type_hints(Ranking, include_extras=True)
    return {field.name: _choice(field.name, hints[field.name], field.default) for field in fields(Ranking)}


def check_choice(name: str, value: object) -> None:
    """Check one value against the schema.

    Args:
        name: A field of `Ranking`.
        value: The value to check.

    Raises:
        InputError: The value is of the wrong type or out of range.
    """
    from pydantic import ValidationError

    try:
        _schema()[name].validate_python(value, strict=True)
    except ValidationError:
        raise InputError(f"{name} is {shown(value)}, expected {choices()[name].expected}") from None


def read_choice(name: str, text: str) -> Any:
    """Parse a value from text, such as that of a flag.

    Args:
        name: A field of `Ranking`.
        text: The value as typed.

    Raises:
        InputError: The text is not a value of the field.
    """
    from pydantic import ValidationError

    choice = choices()[name]
    try:
        if choice.kind != "flag" or text in ("true", "false"):
            return _schema()[name].validate_strings(text)
    except ValidationError:
        pass
    raise InputError(f"{name} is {shown(text)}, expected {choice.expected}")


@cache
def _schema() -> Mapping[str, TypeAdapter[Any]]:
    from pydantic import TypeAdapter

    hints = get_type_hints(Ranking, include_extras=True)
    return {field.name: TypeAdapter(hints[field.name]) for field in fields(Ranking)}


def _choice(name: str, hint: Any, default: Any) -> Choice:
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint is bool:
        return Choice(name, "flag", default)
    if get_origin(hint) is Literal:
        return Choice(name, "word", default, values=get_args(hint))
    kind, bounds = get_args(hint)
    return Choice(name, "number" if kind is float else "whole number", default, least=bounds.least, most=bounds.most)


PLAIN = Ranking()
"""Fused relevance alone."""
