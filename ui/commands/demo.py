"""Build and serve the demo collection: `searchapp demo`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from index_builder import BuildOptions, BuildReport, build_index
from searchapp.cli.output import Home, catalog_at, encoder_named, say, settings, work_folder
from searchapp.cli.progress import progress_bar
from searchapp.demo import corpus_path, embeddings_path
from searchapp.encoders.shipped import choice
from ui.commands.serve import AuthFile, Host, Hosts, Mcp, Open, Port, ReadOnly, serve

WHOLE = 1024
"""Maximum tokens per passage; the longest text of the demo corpus has about 300."""

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command()
def demo(
    home: Home = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    auth_file: AuthFile = None,
    read_only: ReadOnly = False,
    allow_host: Hosts = None,
    mcp: Mcp = False,
    build_only: Annotated[bool, typer.Option(help="Build the index and do not serve it.")] = False,
    open_browser: Open = False,
) -> None:
    """Build the demo index (parallel passages on many topics in many languages) and serve it.

    Examples:

        searchapp demo

        searchapp demo --build-only && searchapp search "warum leuchten Polarlichter grün"
    """
    if sentence := choice(settings().encoder):
        say("[dim]{sentence}[/]", sentence=sentence)
    report = build_demo(home)
    say(
        "[green]✓[/] {r.collection}: {r.passages:,} passages in {languages} languages, {r.seconds:.1f} s",
        r=report,
        languages=len(report.languages),
    )
    if not build_only:
        serve(
            collection="demo",
            home=home,
            host=host,
            port=port,
            auth_file=auth_file,
            read_only=read_only,
            allow_host=allow_host,
            mcp=mcp,
            open_browser=open_browser,
        )


def build_demo(home: Path | None, *, quiet: bool = False) -> BuildReport:
    """Index the demo corpus as the collection `demo`; no passage is cut, so that every topic is parallel.

    The corpus includes its embeddings by the shipped transformer, because computing them takes a minute on two cores.

    Args:
        home: Folder of embedded collections; None for that of the settings.
        quiet: Draw no progress bar.
    """
    found = settings()
    options = BuildOptions(format="jsonl", translations_by="topic", passage_tokens=WHOLE, detector=found.detector)
    with closing(catalog_at(home, None)) as catalog, progress_bar(quiet=quiet, rate_of="passages") as tell:
        return build_index(
            corpus_path(),
            "demo",
            options=options,
            encoder=encoder_named(found.encoder),
            embeddings=embeddings_path() if found.encoder == "builtin" else None,
            catalog=catalog,
            work=work_folder(home),
            progress=tell,
        )
