"""Open what a call names: the catalog, the source, and the folder of journals, locks and rejects."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from index_builder.options import BuildOptions
from index_builder.sources.base import Source
from index_builder.sources.documents import CheckedSource, DocumentSource
from index_builder.sources.opening import open_source
from searchapp.datatypes import Document
from searchapp.errors import ConfigurationError, check_kind
from searchapp.stores.base import Catalog
from searchapp.stores.opening import default_home, open_catalog


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
    check_kind("home", home, (str, Path), "a path")
    check_kind("url", url, (str,), "an address such as http://localhost:6333")
    check_kind("catalog", catalog, (), "a catalog", method="live_version")
    if catalog is None:
        catalog = open_catalog(home=home, url=url)
        stack.callback(catalog.close)
    elif home is not None or url is not None:
        raise ConfigurationError("a catalog is given, and also a home folder or an address; give only one of them")
    return catalog


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
