"""Open a collection of other software from the `--adopt` flags."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from searchapp.cli.output import place, settings
from searchapp.errors import ConfigurationError

if TYPE_CHECKING:
    from searchapp.client import SearchClient

KEYS = ("text", "encoder", "vector", "language", "title")


def open_adopted(
    stack: ExitStack,
    pairs: list[str],
    collection: str | None,
    home: Path | None,
    url: str | None,
    *,
    trust_remote_code: bool,
) -> SearchClient:
    """Open a client of a foreign collection.

    Args:
        stack: Closes what is opened.
        pairs: `KEY=VALUE` of each flag.
        collection: Name of the collection from a flag, or None.
        home: Folder of embedded collections from a flag, or None.
        url: Address of the server from a flag, or None.
        trust_remote_code: Allow a Hub model to run code from its own repository.

    Raises:
        ConfigurationError: There is no server, or a key is unknown or missing.
    """
    from searchapp.client import SearchClient
    from searchapp.encoders.loading import load_encoder
    from searchapp.stores.adopted import adopt
    from searchapp.stores.adopted_store import Layout

    given = read_pairs(pairs)
    found = settings()
    server = place(home, url)[1]
    if server is None:
        raise ConfigurationError("--adopt searches a collection on a Qdrant server: give its address with --url")
    name = found.collection if collection is None else collection
    encoder = load_encoder(given["encoder"], trust_remote_code=trust_remote_code)
    stack.callback(encoder.close)
    layout = Layout(
        text=given["text"],
        vector=given.get("vector", ""),
        language=given.get("language"),
        title=given.get("title"),
    )
    catalog = stack.enter_context(closing(adopt(server, name, layout, encoder=encoder)))
    return stack.enter_context(SearchClient(name, catalog=catalog, encoder=encoder, detector=found.detector))


def read_pairs(pairs: list[str]) -> dict[str, str]:
    """Read the flags.

    Args:
        pairs: `KEY=VALUE` of each flag.

    Raises:
        ConfigurationError: A key is unknown, has no value, or `text` or `encoder` is missing.
    """
    given: dict[str, str] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        if key not in KEYS or not value:
            raise ConfigurationError(f"--adopt {pair!r}: expected KEY=VALUE with one of {', '.join(KEYS)}")
        given[key] = value
    if missing := [key for key in ("text", "encoder") if key not in given]:
        raise ConfigurationError(f"--adopt also needs {' and '.join(f'{key}=…' for key in missing)}")
    return given
