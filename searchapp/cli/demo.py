"""`searchapp serve` and `searchapp demo`: the web UI."""

from __future__ import annotations

from typing import Annotated

import typer

from searchapp.cli.output import Collection, Home, TrustRemoteCode, Url, console, open_client, warn
from searchapp.errors import MissingExtraError

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is reachable from other machines.")]
Port = Annotated[int, typer.Option(help="Port.")]


def serve(
    collection: Collection = None,
    home: Home = None,
    url: Url = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Serve the web UI on a collection.

    Examples:

        searchapp serve --collection docs

        searchapp serve --collection docs --host 0.0.0.0 --port 8080
    """
    try:
        from ui.app import launch
    except ImportError as error:
        raise MissingExtraError(feature="the web UI", extra="ui") from error
    with open_client(collection, home, url, trust_remote_code=trust_remote_code) as client:
        if host not in ("127.0.0.1", "localhost", "::1"):
            warn(f"listening on {host}: everyone who can reach this machine can search the collection")
        console.print(f"Serving {client.collection!r} on http://{host}:{port} (Ctrl+C to stop)")
        launch(client, host=host, port=port, open_browser=open_browser)


def demo(
    home: Home = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    build_only: Annotated[bool, typer.Option(help="Build the index and do not serve it.")] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Build the demo index (parallel passages on many topics in many languages) and serve it.

    Examples:

        searchapp demo

        searchapp demo --build-only && searchapp search "warum ist der Himmel blau"
    """
    from searchapp.cli.index import build
    from searchapp.demo import corpus_path

    build(str(corpus_path()), collection="demo", format="jsonl", index_field=["topic:keyword"], home=home)
    if not build_only:
        serve(collection="demo", home=home, host=host, port=port, open_browser=open_browser)
