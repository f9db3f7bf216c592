"""Manage collections and their versions: `searchapp index`."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index_builder.commands.build import build
from index_builder.commands.change import add, remove
from searchapp.cli.option_groups import with_groups
from searchapp.cli.output import AsJson, Home, Url, catalog_at, console, print_json, size, warn, work_folder
from searchapp.errors import CollectionNotFoundError, StoreError

if TYPE_CHECKING:
    from searchapp.stores.base import VersionInfo

app = typer.Typer(
    help="Build and manage indexes.", add_completion=False, no_args_is_help=True, rich_markup_mode="markdown"
)
app.command()(with_groups(build))
app.command()(with_groups(add))
app.command()(remove)


@app.command("list")
def list_collections(home: Home = None, url: Url = None, json: AsJson = False) -> None:
    """List the collections with their live versions. Damaged ones are reported and do not hide the others.

    Examples:

        searchapp index list --json
    """
    found: list[VersionInfo] = []
    damaged: dict[str, str] = {}
    with closing(catalog_at(home, url)) as catalog:
        for name in catalog.collections():
            try:
                versions = catalog.versions(name)
            except (StoreError, CollectionNotFoundError) as error:
                damaged[name] = str(error)
                continue
            live = [info for info in versions if info.live]
            found += live
            if not live:
                damaged[name] = f"no version is live; run: searchapp index rollback {name} --to {versions[-1].version}"
    if json:
        broken = [{"collection": name, "error": problem} for name, problem in damaged.items()]
        print_json([*(_version_json(info) for info in found), *broken])
        return
    if found:
        _table(found, first="collection")
    elif not damaged:
        console.print(
            "No collections yet. Build one: searchapp index build SOURCE --collection NAME, or: searchapp demo"
        )
    for name, problem in damaged.items():
        warn(f"{name}: {problem}")


@app.command()
def info(
    collection: Annotated[str, typer.Argument(help="Collection.")],
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Show a collection's versions and what the live one was built with.

    Examples:

        searchapp index info docs
    """
    with closing(catalog_at(home, url)) as catalog:
        found = catalog.versions(collection)
    if json:
        print_json([_version_json(version) for version in found])
        return
    _table(found, first="version")
    live = next((version for version in found if version.live), found[-1])
    manifest = live.manifest
    console.print(f"\nencoder   {manifest.encoder} (fingerprint {manifest.fingerprint}, {manifest.dimension}-d)")
    console.print(f"lexical   {manifest.lexical.analyser if manifest.lexical else 'none'}")
    if manifest.debias:
        state = "on" if manifest.debias.default else "off"
        console.print(f"debias    {manifest.debias.name} (by default {state}); see: searchapp debias info {collection}")
    console.print("languages " + ", ".join(f"{code} {count:,}" for code, count in manifest.languages.items()))


@app.command("embeddings")
def write_embeddings(
    collection: Annotated[str, typer.Argument(help="Collection.")],
    output: Annotated[Path, typer.Argument(help="File to write, such as docs.npz.")],
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Save a collection's embeddings to a file, so that a build on another machine can reuse them.

    Examples:

        searchapp index embeddings docs docs.npz

        searchapp index build corpus.jsonl --collection docs --embeddings docs.npz
    """
    from index_builder.embeddings import save_embeddings

    with closing(catalog_at(home, url)) as catalog:
        count = save_embeddings(catalog, collection, output)
    if json:
        print_json({"collection": collection, "embeddings": count, "path": str(output)})
    else:
        console.print(f"{count:,} embeddings of {collection} are in {output}")


@app.command()
def rollback(
    collection: Annotated[str, typer.Argument(help="Collection.")],
    to: Annotated[str | None, typer.Option(help="Version; default: the one before the live one.")] = None,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Make an older version live again at once, without a rebuild.

    Examples:

        searchapp index rollback docs

        searchapp index rollback docs --to VERSION
    """
    from index_builder.maintenance import activate

    with closing(catalog_at(home, url)) as catalog:
        done = activate(catalog, collection, to, work=work_folder(home))
    if json:
        print_json(asdict(done))
    else:
        console.print(f"{collection}: version {done.version} is live now (was {done.before or 'none'})")


@app.command()
def delete(
    collection: Annotated[str, typer.Argument(help="Collection.")],
    version: Annotated[str | None, typer.Option(help="Only this version, which must not be live.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Delete a collection with all its versions, or a single version.

    Examples:

        searchapp index delete docs --yes

        searchapp index delete docs --version VERSION
    """
    from index_builder.maintenance import delete_collection, delete_version
    from searchapp.stores.names import CollectionName

    name = CollectionName(collection)
    what = f"collection {name} with all its versions" if version is None else f"version {version} of {name}"
    with closing(catalog_at(home, url)) as catalog:
        if not yes:
            typer.confirm(f"Delete {what}?", abort=True)
        if version is None:
            deleted = delete_collection(catalog, name, work=work_folder(home))
        else:
            delete_version(catalog, name, version, work=work_folder(home))
            deleted = [version]
    if json:
        print_json({"collection": name, "deleted": deleted})
    else:
        console.print(f"deleted {what}")


@app.command("clean")
def clean_up(
    collection: Annotated[str | None, typer.Argument(help="Collection; default: all of them.")] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also delete interrupted builds that could be resumed.")
    ] = False,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Delete what interrupted builds and deletions left. Complete versions stay.

    Examples:

        searchapp index clean

        searchapp index clean docs --unfinished
    """
    from index_builder.cleaning import clean

    with closing(catalog_at(home, url)) as catalog:
        found = clean(catalog, collection, work=work_folder(home), unfinished=unfinished)
    if json:
        print_json([asdict(done) for done in found])
        return
    for done in found:
        if done.busy:
            warn(f"{done.collection}: a build is running; nothing was touched")
        for name in done.removed:
            console.print(f"{done.collection}: removed {name}")
        if done.unfinished:
            warn(
                f"{done.collection}: a build was interrupted and resumes when its command is run again; "
                "delete it with --unfinished"
            )
    if not found:
        console.print("There is nothing to clean.")


def _table(versions: list[VersionInfo], *, first: str) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    for name in (first, "", "passages", "languages", "encoder", "built", "size"):
        table.add_column(name, justify="right" if name in ("passages", "languages", "size") else "left")
    for version in versions:
        manifest = version.manifest
        table.add_row(
            version.collection if first == "collection" else version.version,
            Text("live", "green") if version.live else "",
            f"{manifest.points:,}",
            str(len(manifest.languages)),
            manifest.encoder,
            manifest.created[:16].replace("T", " "),
            size(version.bytes) if version.bytes else "",
        )
    console.print(table)


def _version_json(version: VersionInfo) -> dict[str, Any]:
    return {"version": version.version, "live": version.live, "bytes": version.bytes, **version.manifest.to_dict()}
