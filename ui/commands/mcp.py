"""Offer the collections as MCP tools: `searchapp mcp`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searchapp.cli.output import (
    Collection,
    Home,
    TrustRemoteCode,
    Url,
    catalog_at,
    console,
    open_client,
    settings,
    warn,
    work_folder,
)
from searchapp.errors import ConfigurationError, MissingExtraError
from ui.commands.serve import LOOPBACK

if TYPE_CHECKING:
    from searchapp.client import SearchClient

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command()
def mcp(
    collection: Collection = None,
    home: Home = None,
    url: Url = None,
    http: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Serve streamable HTTP at /mcp there instead of stdio.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Also offer add_documents, which changes collections.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Name the server may be reached by, beside localhost and that of --http; repeatable."),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option(help="File of name:password lines, needed by clients over HTTP. Default: $SEARCHAPP_AUTH."),
    ] = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Offer all collections, or with --collection one of them, as tools for language models (MCP).

    Examples:

        searchapp mcp

        searchapp mcp --collection docs --write

        searchapp mcp --http 127.0.0.1:8765
    """
    try:
        from ui.mcp_server import http_app, mcp_server
    except ImportError as error:
        raise MissingExtraError(feature="serving MCP tools", extra="mcp") from error
    from ui.building import Builds
    from ui.pool import HomePool
    from ui.safety import read_users

    found = settings()
    address = None if http is None else _address(http)
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))

        def opened(name: str) -> SearchClient:
            return open_client(name, home, url, trust_remote_code=trust_remote_code)

        if collection is not None:
            catalog.live_version(collection)  # a collection requested by name must exist
        default = collection or found.collection
        pool = stack.enter_context(HomePool(catalog, default=default, open_client=opened, alone=collection is not None))
        builds = Builds(catalog=catalog, work=work_folder(home), encoders=(found.encoder,), detector=found.detector)
        server = mcp_server(pool, builds=builds if write else None)
        if address is None:
            server.run("stdio")
            return
        import uvicorn

        host, port = address
        users = read_users(auth_file)
        if host not in LOOPBACK and not users:
            may = "search and add documents" if write else "search"
            warn(f"listening on {host}: everyone who can reach this machine can {may}")
        console.print(f"MCP tools: http://{http}/mcp (Ctrl+C to stop)", highlight=False)
        guarded = http_app(server, host=host, hosts=tuple(allow_host or ()), users=users)
        uvicorn.run(guarded, host=host, port=port, log_config=None, access_log=False, server_header=False)


def _address(text: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65_536:
        raise ConfigurationError(f"--http {text!r}: expected HOST:PORT, such as 127.0.0.1:8765 or [::1]:8765")
    return host.strip("[]"), int(port)
