"""Define the settings of a search on the page: one frozen value that is read from and written to the page's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias, cast, get_args
from urllib.parse import urlencode

from searchapp.datatypes import Fusion, Mode
from searchapp.options import PLAIN, Balance, Collapse, Expansion, Ranking, choices
from searchapp.search.arguments import MAX_LIMIT

OnPage: TypeAlias = Collapse | Literal["auto"]
MIXED_DEPTH = 300
"""Number of candidates when languages are mixed. With only the 100 of a plain search, late translations stay late."""
PAGES = (1, 100)
DEBIAS = ("default", "on", "off")
HITS = (5, 50)
PER_LANGUAGE = (0, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A query and its settings. The defaults are those of the page.

    Attributes:
        languages: Languages to search; empty for all.
        limit: Hits per page.
        debias: `on`, `off`, or `default` for the collection's default.
        per_language: Maximum number of hits in one language; 0 sets no limit.
        collapse: As in `Ranking`, or `auto`: show one passage per document if one document fills the page.
        similar: Id of a passage to find similar ones of, instead of the query.
        page: Page of the hits, from 1.
    """

    query: str = ""
    collection: str = ""
    languages: tuple[str, ...] = ()
    mode: Mode = "hybrid"
    limit: int = 10
    balance: float = 0.0
    balance_by: Balance = "zscore"
    per_language: int = 0
    debias: str = "default"
    rerank: bool = False
    expansion: Expansion = "off"
    fusion: Fusion = "interleaved"
    spans: bool = False
    collapse: OnPage = "auto"
    diversity: float = 0.0
    similar: str = ""
    page: int = 1

    @property
    def offset(self) -> int:
        """Return the number of hits on the pages before."""
        return (self.page - 1) * self.limit

    @property
    def ranking(self) -> Ranking:
        """Return the ranking options for the client."""
        return Ranking(
            fusion=self.fusion,
            spans=self.spans,
            debias={"on": True, "off": False}.get(self.debias),
            rerank=self.rerank,
            expansion=self.expansion,
            balance=self.balance,
            balance_by=self.balance_by,
            per_language=self.per_language or None,
            collapse="none" if self.collapse == "auto" else self.collapse,
            diversity=self.diversity,
            depth=MIXED_DEPTH if self.balance else PLAIN.depth,
        )

    @property
    def corrects(self) -> bool:
        """Return whether the settings request any stage after retrieval."""
        return any((self.balance, self.per_language, self.rerank, self.diversity))

    def to_query_string(self) -> str:
        """Return the part of the address after `?`: settings that differ from the defaults, in a fixed order."""
        pairs = []
        for name, key in KEYS.items():
            value, default = getattr(self, name), getattr(DEFAULTS, name)
            if value != default:
                pairs.append((key, _written(value)))
        return urlencode(pairs)

    @classmethod
    def from_query(cls, parameters: Mapping[str, str]) -> Settings:
        """Read settings from an address.

        Invalid values are replaced by defaults, because addresses are typed and truncated.

        Args:
            parameters: Parameters of the address, named as in `KEYS`; unknown ones are ignored.
        """
        values = {name: parameters[key] for name, key in KEYS.items() if key in parameters}
        return checked(values)


KEYS = {
    "query": "q",
    "collection": "c",
    "languages": "lang",
    "mode": "mode",
    "limit": "k",
    "balance": "balance",
    "balance_by": "by",
    "per_language": "per",
    "debias": "debias",
    "rerank": "rerank",
    "expansion": "expand",
    "fusion": "fusion",
    "spans": "spans",
    "collapse": "collapse",
    "diversity": "diversity",
    "similar": "like",
    "page": "p",
}
"""Field -> its name in an address."""

DEFAULTS = Settings()
CONTROLS = tuple(
    field.name for field in fields(Settings) if field.name not in ("query", "collection", "similar", "page")
)
"""The fields that have a control, in the order of `controls`."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    **{name: choice.values for name, choice in choices().items() if choice.kind == "word"},
    "mode": get_args(Mode),
    "debias": DEBIAS,
    "collapse": ("auto", *choices()["collapse"].values),
}
_WHOLE = {"limit": HITS, "per_language": PER_LANGUAGE, "page": PAGES}


def checked(values: Mapping[str, Any]) -> Settings:
    """Create settings from untrusted values (an address, the controls); an invalid value becomes the default.

    Args:
        values: Values by the name of their setting, as text or as the controls give them.
    """
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name == "languages":
            codes = value.split(",") if isinstance(value, str) else value or ()
            read[name] = tuple(str(code).strip() for code in codes if str(code).strip())
        elif name in _WORDS:
            if value in _WORDS[name]:
                read[name] = value
        elif name in _WHOLE:
            if (number := _number(value, *_WHOLE[name])) is not None:
                read[name] = int(number)
        elif name in choices() and choices()[name].kind == "number":
            if (number := _number(value, *limits(name))) is not None:
                read[name] = round(number, 2)
        elif name in choices():
            read[name] = value in (True, "1", "true", "on")
        else:
            read[name] = str(value or "")
    found = replace(DEFAULTS, **read)
    return found if found.offset <= MAX_LIMIT else replace(found, page=1)


def limits(name: str) -> tuple[float, float]:
    """Return the smallest and the largest value of a number in `Ranking`.

    Args:
        name: A field of `Ranking`.
    """
    return choices()[name].least, choices()[name].most


def _number(value: object, least: float, most: float) -> float | None:
    try:
        number = float(cast(str, value))
    except (TypeError, ValueError):
        return None
    return number if least <= number <= most else None


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return "1" if value is True else f"{value:g}" if isinstance(value, float) else str(value)
