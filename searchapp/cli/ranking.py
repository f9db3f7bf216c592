"""`--rank KEY=VALUE`: the choices of `Ranking` on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.errors import ConfigurationError, InputError
from searchapp.options import Ranking, read_choice
from searchapp.options import choices as options

if TYPE_CHECKING:
    from searchapp.stores.manifest import Manifest


def _keys() -> str:
    """List the keys with what each may be, from the schema of `Ranking`."""
    return "; ".join(f"{name}: {choice.expected}" for name, choice in options().items())


Rank = Annotated[
    list[str] | None,
    typer.Option(
        "--rank",
        metavar="KEY=VALUE",
        help=f"How candidates are ranked; repeatable. Keys: {_keys()}.",
    ),
]


def read_ranking(choices: list[str] | None) -> Ranking:
    """Read `key=value` pairs.

    Args:
        choices: The pairs as they were typed.

    Raises:
        InputError: A key is unknown or a value cannot be read; the message says what is expected.
    """
    known = options()
    values: dict[str, Any] = {}
    for choice in choices or []:
        key, sign, value = choice.partition("=")
        if not sign:
            raise InputError(f"--rank {choice!r}: expected KEY=VALUE")
        if key not in known:
            raise InputError(f"--rank {choice!r}: unknown {key!r}; known are {', '.join(known)}")
        try:
            values[key] = read_choice(key, value)
        except InputError as error:
            raise InputError(f"--rank {choice!r}: {error}") from None
    return Ranking(**values)


def require_debias(ranking: Ranking, manifest: Manifest) -> None:
    """Raise ConfigurationError when a debiased search is asked of a collection that has no transform."""
    if ranking.debias and not manifest.debias:
        raise ConfigurationError(
            f"--rank debias=true: collection {manifest.collection!r} has no debias transform; "
            f"fit one with: searchapp debias fit {manifest.collection}"
        )
