"""Serve the web page: `searchapp serve`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from importlib.util import find_spec
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

if TYPE_CHECKING:
    from searchapp.client import SearchClient

LOOPBACK = ("127.0.0.1", "localhost", "::1")

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is reachable from other machines.")]
Port = Annotated[int, typer.Option(help="Port.")]
Open = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]
AuthFile = Annotated[
    Path | None,
    typer.Option(help="File of name:password lines; only these people may use the page. Default: $SEARCHAPP_AUTH."),
]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="No builds, no rollback and no changes of documents.")]
Mcp = Annotated[bool, typer.Option("--mcp", help="Also serve the endpoints as MCP tools.")]
Folders = Annotated[
    list[Path] | None,
    typer.Option("--allow-folder", help="Folder whose files the page may index and show; repeatable."),
]
Hosts = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="Further name under which the page may be reached; repeatable."),
]
MaxUpload = Annotated[int, typer.Option(min=1, help="Largest upload, in MiB.")]


app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command()
def serve(
    collection: Collection = None,
    home: Home = None,
    url: Url = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    auth_file: AuthFile = None,
    read_only: ReadOnly = False,
    allow_folder: Folders = None,
    allow_host: Hosts = None,
    max_upload: MaxUpload = 64,
    mcp: Mcp = False,
    open_browser: Open = False,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Serve the web page for all collections of a home folder or a server, or with --collection for one of them.

    Examples:

        searchapp serve --collection docs

        searchapp serve --host 0.0.0.0 --port 8080 --auth-file users.txt --read-only

        searchapp serve --allow-folder ~/corpora --mcp
    """
    try:
        from ui.app import PageOptions
        from ui.building import Builds
        from ui.pool import HomePool
        from ui.safety import read_users
        from ui.serving import launch
    except ImportError as error:
        raise MissingExtraError(feature="the web UI", extra="ui") from error

    if mcp and find_spec("mcp") is None:
        raise MissingExtraError(feature="serving MCP tools", extra="mcp")
    found = settings()
    users = read_users(auth_file)
    folders = tuple(_folder(path) for path in allow_folder or ())
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))

        def opened(name: str) -> SearchClient:
            return open_client(name, home, url, trust_remote_code=trust_remote_code)

        pool = stack.enter_context(
            HomePool(
                catalog,
                default=collection or found.collection,
                open_client=opened,
                alone=collection is not None,
            )
        )
        if collection is not None:
            catalog.live_version(collection)  # a collection requested by name must exist
        encoders = tuple(dict.fromkeys([found.encoder, "builtin"]))
        builds = Builds(
            catalog=catalog,
            work=work_folder(home),
            encoders=encoders,
            detector=found.detector,
            # a stranger could make the server download a model, and with remote code run a program
            any_encoder=not trust_remote_code and (host in LOOPBACK or users is not None),
        )
        if host not in LOOPBACK:
            who = "everyone with an account" if users else "everyone who can reach this machine"
            may = "search" if read_only else "search and build collections"
            warn(f"listening on {host}: {who} can {may}")
        names = ", ".join(pool.names()) or "no collection yet"
        console.print(f"Serving {names} on http://{host}:{port} (Ctrl+C to stop)", highlight=False)
        if mcp:
            console.print(f"MCP tools: http://{host}:{port}/gradio_api/mcp/", highlight=False)
        options = PageOptions(
            builds=None if read_only else builds,
            folders=folders,
            max_upload=max_upload * 2**20,
            users=users,
            mcp=mcp,
            hosts=tuple(allow_host or ()),
        )
        launch(pool, host=host, port=port, options=options, open_browser=open_browser)


def _folder(path: Path) -> Path:
    found = path.expanduser().resolve()
    if not found.is_dir():
        raise ConfigurationError(f"--allow-folder {path}: no such folder")
    return found
