"""Parse the options of `Ranking` on the command line: `--rank KEY=VALUE`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.errors import ConfigurationError, InputError
from searchapp.options import Ranking, read_choice
from searchapp.options import choices as options

if TYPE_CHECKING:
    from searchapp.stores.manifest import Manifest


def _keys() -> str:
    """List the keys and their possible values from the schema of `Ranking`."""
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
    """Parse `key=value` pairs.

    Args:
        choices: The pairs as typed.

    Raises:
        InputError: A key is unknown or a value is invalid; the message says what is expected.
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
    """Check that a collection has a debias transform if a debiased search of it is requested.

    Args:
        ranking: Options of the search.
        manifest: Manifest of the collection.

    Raises:
        ConfigurationError: The options request debiasing and the collection has no transform.
    """
    if ranking.debias and not manifest.debias:
        raise ConfigurationError(
            f"--rank debias=true: collection {manifest.collection!r} has no debias transform; "
            f"fit one with: searchapp debias fit {manifest.collection}"
        )
