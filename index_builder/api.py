"""Build a collection from Python: a source, a collection and options give a report."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from index_builder.build import IndexBuilder
from index_builder.cutting import cutter_for
from index_builder.embeddings import read_embeddings
from index_builder.opening import opened_catalog, opened_source, work_of
from index_builder.options import DEFAULTS, BuildOptions
from index_builder.ray.cluster import Cluster
from index_builder.report import BuildReport
from index_builder.sources.base import Source
from searchapp.datatypes import Document, Tell
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.errors import InputError, check_kind
from searchapp.stores.base import Catalog
from searchapp.stores.names import CollectionName
from searchapp.text.bm25 import LexicalEncoder


def build_index(
    source: str | Path | Source | Iterable[Document],
    collection: str,
    *,
    options: BuildOptions = DEFAULTS,
    encoder: Encoder | str = "builtin",
    embeddings: Path | str | None = None,
    cluster: Cluster | None = None,
    home: Path | str | None = None,
    url: str | None = None,
    catalog: Catalog | None = None,
    work: Path | None = None,
    progress: Tell | None = None,
) -> BuildReport:
    """Build a new version of a collection and make it live; searches continue during the build.

    An interrupted build resumes where it stopped when it is started again. Passages that are unchanged in the live version
    are not encoded again. Rows that cannot be indexed are written to a file that the report names.

    Args:
        source: A file or folder; a dataset's name with `BuildOptions(format="hf")`; documents; or a `Source` of your own.
        collection: Name of the collection, which is created if it does not exist.
        options: How to read and cut the source, and what to keep.
        encoder: An encoder or the name of one: `builtin`, a model's folder or a Hub name.
        embeddings: File of embeddings by the same encoder, written by `save_embeddings`. Passages in it are not encoded
            again.
        cluster: Ray cluster that cuts and encodes, and writes to a server itself; None to do everything in this process.
        home: Folder of embedded collections; default `$SEARCHAPP_HOME`, else `~/.searchapp`.
        url: Address of a Qdrant server instead of a home folder; its key is read from `QDRANT_API_KEY`.
        catalog: An open catalog instead of `home` or `url`; the caller closes it.
        work: Folder for journals, locks and rejects; default `builds` in the home folder.
        progress: Called in this thread, at most a few times a second.

    Raises:
        ConfigurationError: The collection's name or an option is invalid.
        InputError: The source or the file of embeddings cannot be read, or the file comes from another encoder.
        BuildError: Nothing could be indexed, validation failed, or another build of the collection is running. The live
            version stays in use.
        ClusterError: The cluster cannot be reached or its workers failed; a second start continues.

    Example:
        >>> from index_builder import build_index
        >>> report = build_index("corpus.jsonl", "docs")                               # doctest: +SKIP
        >>> report.documents, report.passages, report.rejected                         # doctest: +SKIP
        (3, 3, 0)
    """
    name = CollectionName(collection)
    _check(options, encoder, embeddings, progress)
    with ExitStack() as stack:
        catalog = opened_catalog(stack, catalog, home=home, url=url)
        opened = opened_source(source, options)
        if isinstance(encoder, str):
            encoder = load_encoder(
                encoder,
                revision=options.revision,
                backend=options.backend,
                trust_remote_code=options.trust_remote_code,
            )
            stack.callback(encoder.close)
        builder = IndexBuilder(
            catalog=catalog,
            encoder=encoder,
            lexical=LexicalEncoder(),
            work=work or work_of(catalog, home),
            cluster=cluster,
        )
        known = None if embeddings is None else read_embeddings(Path(embeddings), encoder=encoder)
        return builder.build(opened, name, options, cutter=cutter_for(options), embeddings=known, progress=progress)


def _check(options: object, encoder: object, embeddings: object, progress: object) -> None:
    if options is None or encoder is None:
        raise InputError("options and encoder have defaults, but cannot be None")
    check_kind("options", options, (BuildOptions,), "BuildOptions")
    check_kind("encoder", encoder, (str,), "an encoder or the name of one", method="encode_passages")
    check_kind("embeddings", embeddings, (str, Path), "a path")
    check_kind("progress", progress, (), "a function", method="__call__")
