"""`--rank KEY=VALUE`: the choices of `Ranking` on the command line."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from searchapp.options import Ranking
    from searchapp.stores.manifest import Manifest

Rank = Annotated[
    list[str] | None,
    typer.Option(
        "--rank",
        metavar="KEY=VALUE",
        help="How candidates are ranked: fusion=rrf, spans=true, debias=false, balance=0.5, balance_by=zscore, "
        "diversity=0.3, per_language=3, collapse=translations, rerank=true, expansion=passage, …; repeatable.",
    ),
]


def read_ranking(choices: list[str] | None) -> Ranking:
    """Read `key=value` pairs.

    Raises:
        InputError: A key is unknown or a value cannot be read; the message says what is expected.
    """
    from searchapp.options import Ranking

    known = {field.name: field for field in fields(Ranking)}
    values: dict[str, Any] = {}
    for choice in choices or []:
        key, sign, value = choice.partition("=")
        if not sign:
            raise InputError(f"--rank {choice!r}: expected KEY=VALUE")
        if key not in known:
            raise InputError(f"--rank {choice!r}: unknown {key!r}; known are {', '.join(known)}")
        values[key] = _value(choice, value, str(known[key].type))
    return Ranking(**values)


def require_debias(ranking: Ranking, manifest: Manifest) -> None:
    """Raise ConfigurationError when a debiased search is asked of a collection that has no transform."""
    if ranking.debias and not manifest.debias:
        raise ConfigurationError(
            f"--rank debias=true: collection {manifest.collection!r} has no debias transform; "
            f"fit one with: searchapp debias fit {manifest.collection}"
        )


def _value(choice: str, text: str, kind: str) -> Any:
    """Read a value as the annotation of its field says."""
    if kind.startswith("bool"):
        if text not in ("true", "false"):
            raise InputError(f"--rank {choice!r}: expected true or false")
        return text == "true"
    for reader, name in ((int, "a whole number"), (float, "a number")):
        if kind.startswith(reader.__name__):
            try:
                return reader(text)
            except ValueError:
                raise InputError(f"--rank {choice!r}: expected {name}") from None
    return text
