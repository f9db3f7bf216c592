"""Build a collection from Python: a source, a collection and options give a report."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from index_builder.build import IndexBuilder
from index_builder.embeddings import read_embeddings
from index_builder.options import BuildOptions
from index_builder.ray.cluster import Cluster
from index_builder.report import BuildReport
from index_builder.sources.base import Source
from index_builder.sources.documents import CheckedSource, DocumentSource
from index_builder.sources.opening import open_source
from searchapp.datatypes import Document, Tell
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.errors import ConfigurationError
from searchapp.stores.base import Catalog
from searchapp.stores.names import CollectionName
from searchapp.stores.opening import default_home, open_catalog
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.detection import load_detector
from searchapp.text.passages import PassageCutter

DEFAULTS = BuildOptions()


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


def opened_catalog(stack: ExitStack, catalog: Catalog | None, *, home: Path | str | None, url: str | None) -> Catalog:
    """Open the catalog that a call names, unless the caller gives one.

    Args:
        stack: Closes the catalog if it is opened here.
        catalog: The caller's open catalog, or None.
        home: Folder of embedded collections.
        url: Address of a Qdrant server.

    Raises:
        ConfigurationError: A catalog is given together with a folder or an address.
    """
    if catalog is None:
        catalog = open_catalog(home=home, url=url)
        stack.callback(catalog.close)
    elif home is not None or url is not None:
        raise ConfigurationError("a catalog is given, and also a home folder or an address; give only one of them")
    return catalog


def cutter_for(options: BuildOptions) -> PassageCutter:
    """Create the cutter of passages that the options ask for.

    Args:
        options: Name the detector, and the tokens and the overlap of a passage.
    """
    return PassageCutter(load_detector(options.detector), budget=options.passage_tokens, overlap=options.overlap_tokens)


def opened_source(source: str | Path | Source | Iterable[Document], options: BuildOptions) -> Source:
    """Open what `build_index` takes as a source.

    Args:
        source: A file or folder, a dataset's name, documents, or a `Source`.
        options: How it is read.
    """
    if isinstance(source, (str, Path)):
        return open_source(
            str(source),
            format=options.format,
            columns=options.columns,
            encoding=options.encoding,
            language_path=options.language_path,
        )
    if isinstance(source, Source):
        return CheckedSource(source)
    return DocumentSource(source)


def work_of(catalog: Catalog, home: Path | str | None) -> Path:
    """Choose the folder of journals, locks and rejects: next to an embedded catalog, or else in the home folder.

    Args:
        catalog: The catalog of the collections.
        home: Folder of embedded collections; None for the default.
    """
    from searchapp.stores.edge_catalog import EdgeCatalog

    place = catalog.home if isinstance(catalog, EdgeCatalog) else home
    return Path(default_home() if place is None else place).expanduser() / "builds"
