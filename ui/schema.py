"""Define the search request of the REST routes and of the page's own endpoints."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from searchapp.datatypes import Fusion, Mode
from searchapp.errors import InputError
from searchapp.options import PLAIN, Balance, Collapse, Ranking, Share, choices
from searchapp.search.arguments import MAX_LIMIT, MAX_QUERY_CHARACTERS

SOMETHING = r"[^\s\x00-\x1f\x7f" + "\ufeff]"
"""A character that normalisation keeps, so that a query of only control characters counts as empty."""
MOST_HITS = 100
"""Maximum number of hits per request."""
Name = Annotated[str, Field(max_length=100, pattern=r"^([A-Za-z0-9]([A-Za-z0-9.-]|_[A-Za-z0-9.-])*_?)?$")]
Code = Annotated[
    str, Field(min_length=2, max_length=35, pattern=r"^[A-Za-z0-9-]+$", json_schema_extra={"format": "language"})
]


def _whole(value: object) -> object:
    """Convert `5.0` to 5: JSON does not tell whole numbers apart."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
Whole = Annotated[int, WHOLE]
"""An integer, in any spelling that JSON has for it."""


class Body(BaseModel):
    """The JSON body of a request. Values of another type are rejected, not converted: `"5"` and `true` are no integers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SearchRequest(Body):
    """A query and the options of its search."""

    query: str = Field(
        min_length=1,
        max_length=MAX_QUERY_CHARACTERS,
        pattern=SOMETHING,
        description="Text in one or several languages.",
        examples=["why do leaves look green"],
    )
    collection: Name = Field("", description="Name of the collection; empty for the default one.")
    languages: list[Code] = Field(
        default_factory=list, max_length=100, description="Languages to search (BCP 47 codes); empty for all."
    )
    mode: Mode = Field("hybrid", description="Meaning (dense), words (lexical), or both.")
    limit: Whole = Field(10, ge=1, le=MOST_HITS, description="Number of hits.")
    offset: Whole = Field(0, ge=0, le=MAX_LIMIT, description="Number of hits to skip.")
    balance: Share = Field(
        PLAIN.balance, description="0 ranks by relevance alone, 1 gives each language its share of the places."
    )
    balance_by: Balance = Field(PLAIN.balance_by, description="Method of balancing the languages.")
    per_language: Whole = Field(
        0, ge=0, le=int(choices()["per_language"].most), description="Maximum hits in one language; 0 sets no limit."
    )
    diversity: Share = Field(PLAIN.diversity, description="Above 0, unlike hits move up.")
    collapse: Collapse = Field(
        PLAIN.collapse, description="Show only the best passage of a document, or of translations."
    )
    fusion: Fusion = Field(PLAIN.fusion, description="How hybrid search fuses meaning and words.")
    debias: bool | None = Field(
        PLAIN.debias, description="Search the debiased vectors; null for the collection's default."
    )

    @property
    def ranking(self) -> Ranking:
        """Return the ranking options of the request."""
        return Ranking(
            fusion=self.fusion,
            debias=self.debias,
            balance=self.balance,
            balance_by=self.balance_by,
            per_language=self.per_language or None,
            diversity=self.diversity,
            collapse=self.collapse,
        )


class SearchAddress(SearchRequest):
    """The same in the query string of an address, where every value is text and is converted."""

    model_config = ConfigDict(strict=False)


def read_request(values: dict[str, Any]) -> SearchRequest:
    """Check the arguments of an endpoint.

    Args:
        values: Name -> value as received.

    Raises:
        InputError: A value is of a wrong type or out of range; the message names all of them.
    """
    try:
        return SearchRequest(**values)
    except ValidationError as error:
        raise InputError(problems([dict(found) for found in error.errors()])) from error


def problems(errors: list[dict[str, Any]]) -> str:
    """Describe pydantic's errors, one clause for each value.

    Args:
        errors: Errors from `ValidationError.errors()`.
    """
    said = []
    for found in errors:
        place = [str(part) for part in found.get("loc", ())]
        name = ".".join(place[1:] if len(place) > 1 and place[0] in ("query", "body") else place) or "the request"
        given = "" if found.get("type") in ("missing", "json_invalid") else f" is {found.get('input')!r:.60}"
        if name == "query" and found.get("type") in ("string_too_short", "string_pattern_mismatch"):
            said.append("the query is empty; type at least one word")
            continue
        message = str(found.get("msg", "is wrong"))
        said.append(f"{name}{given}: {message[:1].lower()}{message[1:]}")
    return "; ".join(dict.fromkeys(said))
