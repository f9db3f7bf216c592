"""Add documents to a collection and remove them without a rebuild: each change creates a version."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from index_builder.build import IndexBuilder
from index_builder.cleaning import clean_locked
from index_builder.content import Content
from index_builder.cutting import cutter_for
from index_builder.finishing import digest_of
from index_builder.lock import build_lock
from index_builder.opening import opened_catalog, opened_source, work_of
from index_builder.options import DEFAULTS, BuildOptions
from index_builder.report import BuildReport
from index_builder.sources.base import Source
from index_builder.unfinished import journals
from index_builder.validate import validate
from index_builder.versions import new_version, prune
from searchapp.datatypes import Document, Tell
from searchapp.debias.attached import FILE as DEBIAS_FILE
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.errors import BuildError, DocumentNotFoundError, InputError, StoreError
from searchapp.stores.base import Catalog, StoreSpec
from searchapp.stores.build_record import BuildRecord
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import CollectionName, VersionName
from searchapp.stores.payload import metadata_name, metadata_path
from searchapp.text.bm25 import LexicalEncoder


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """The result of a removal.

    Attributes:
        collection: Name of the collection.
        version: The version that is now live.
        documents: Number of removed documents.
        passages: Number of removed passages.
        missing: Ids without a document in the collection.
    """

    collection: str
    version: str
    documents: int
    passages: int
    missing: tuple[str, ...] = ()


def add_documents(
    source: str | Path | Source | Iterable[Document],
    collection: str,
    *,
    options: BuildOptions = DEFAULTS,
    encoder: Encoder | None = None,
    home: Path | str | None = None,
    url: str | None = None,
    catalog: Catalog | None = None,
    work: Path | None = None,
    progress: Tell | None = None,
) -> BuildReport:
    """Add documents to a collection, or replace those with the same ids; searches continue meanwhile.

    The live version is copied, not rebuilt, and the documents are cut, encoded and weighted like its own. An interrupted
    addition resumes where it stopped when it is started again.

    Args:
        source: File, folder or iterable of documents, as for `build_index`.
        collection: Name of the collection, which must exist.
        options: How to read the source, and what to keep. Documents are cut as in the collection.
        encoder: The encoder that the collection was built with; None to load it.
        home: Folder of embedded collections; default `$SEARCHAPP_HOME`, else `~/.searchapp`.
        url: Address of a Qdrant server instead of a home folder.
        catalog: An open catalog instead of `home` or `url`; the caller closes it.
        work: Folder for journals, locks and rejects; default `builds` in the home folder.
        progress: Called in this thread, at most a few times a second.

    Returns:
        A report of the added documents; `languages` counts only these.

    Raises:
        CollectionNotFoundError: The collection does not exist.
        EncoderMismatchError: The collection was built with another encoder.
        InputError: The source cannot be read.
        BuildError: Nothing could be added, validation failed, or another build of the collection is running. The live
            version stays in use.
    """
    name = CollectionName(collection)
    with ExitStack() as stack:
        catalog = opened_catalog(stack, catalog, home=home, url=url)
        origin = _live(catalog, name)
        record = origin.configuration
        lexical = LexicalEncoder()
        if origin.lexical != lexical.configuration:
            raise BuildError(
                f"the lexical leg of {name} was made by another version of this software, so that its terms would not meet "
                f"those of new documents; rebuild {name} first"
            )
        if encoder is None:
            how = record.encoder_options
            encoder = load_encoder(
                origin.encoder, revision=how.revision, backend=how.backend, trust_remote_code=options.trust_remote_code
            )
            stack.callback(encoder.close)
        origin.check_encoder(encoder)
        chosen = _as_built(options, record)
        builder = IndexBuilder(catalog=catalog, encoder=encoder, lexical=lexical, work=work or work_of(catalog, home))
        return builder.build(
            opened_source(source, chosen), name, chosen, cutter=cutter_for(chosen), origin=origin, progress=progress
        )


def remove_documents(
    ids: Sequence[str],
    collection: str,
    *,
    keep: int = DEFAULTS.keep,
    home: Path | str | None = None,
    url: str | None = None,
    catalog: Catalog | None = None,
    work: Path | None = None,
) -> RemovalReport:
    """Remove documents from a collection; searches continue meanwhile, and a rollback restores them.

    Args:
        ids: Ids of the documents.
        collection: Name of the collection.
        keep: Old versions to keep for rollback.
        home: Folder of embedded collections; default `$SEARCHAPP_HOME`, else `~/.searchapp`.
        url: Address of a Qdrant server instead of a home folder.
        catalog: An open catalog instead of `home` or `url`; the caller closes it.
        work: Folder for locks; default `builds` in the home folder.

    Raises:
        CollectionNotFoundError: The collection does not exist.
        DocumentNotFoundError: The collection contains none of the documents.
        BuildError: No document would remain, or another build of the collection is running.
    """
    name = CollectionName(collection)
    if not ids or not all(isinstance(one, str) and one for one in ids):
        raise InputError(f"ids {list(ids)!r:.80}: expected the ids of documents")
    wanted = list(dict.fromkeys(ids))
    with ExitStack() as stack:
        catalog = opened_catalog(stack, catalog, home=home, url=url)
        place = work or work_of(catalog, home)
        stack.enter_context(build_lock(place, name))
        clean_locked(catalog, name, work=place)
        origin = _live(catalog, name)
        folder = journals(place, name) / "remove"
        folder.mkdir(parents=True, exist_ok=True)
        source = digest_of("\0".join(wanted))
        version = new_version(folder / "VERSION", suffix=source[:8])
        try:
            removed = _copy_without(wanted, catalog, origin, name=name, version=version, source=source)
        except Exception:
            catalog.delete_version(name, version)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        catalog.activate(name, version)
        prune(catalog, name, keep=keep)
    return RemovalReport(
        collection=name,
        version=version,
        documents=sum(count > 0 for count in removed.values()),
        passages=sum(removed.values()),
        missing=tuple(id_ for id_, count in removed.items() if not count),
    )


def _copy_without(
    ids: Sequence[str],
    catalog: Catalog,
    origin: Manifest,
    *,
    name: CollectionName,
    version: VersionName,
    source: str,
) -> dict[str, int]:
    """Complete a copy of the live version without the documents, and count the passages that each of them had."""
    spec = StoreSpec(
        dimension=origin.dimension,
        payload_indexes=origin.configuration.payload_indexes,
        debiased=origin.debias is not None,
    )
    with catalog.fork(name, version, spec, origin=origin.version) as store:
        content = Content.copied(store, origin)
        removed = {id_: content.remove(id_) for id_ in ids}
        _check_removal(removed, content, name)
        store.optimize()
        store.flush()
        validate(store, points=content.points, samples=())
    if origin.debias is not None:
        attached = catalog.attachment(name, origin.version, DEBIAS_FILE)
        catalog.attach(name, version, DEBIAS_FILE, attached)
    catalog.complete(name, version, content.manifest(origin, version=version, source=source, debias=origin.debias))
    return removed


def _check_removal(removed: dict[str, int], content: Content, collection: str) -> None:
    if not any(removed.values()):
        raise DocumentNotFoundError(
            f"{collection} contains none of these {len(removed):,} documents, such as {next(iter(removed))!r:.80}; "
            "nothing was changed"
        )
    if not content.points:
        raise BuildError(
            f"no document of {collection} would be left; to delete all of it: searchapp index delete {collection}"
        )


def _as_built(options: BuildOptions, record: BuildRecord) -> BuildOptions:
    """Combine the version's options for cutting documents with the requested options for reading the source."""
    shared = None if record.translations_by is None else metadata_path(record.translations_by)
    return replace(
        options,
        passage_tokens=record.budget or options.passage_tokens,
        overlap_tokens=record.overlap,
        detector=record.detector or options.detector,
        translations_by=record.translations_by,
        index_fields={metadata_name(field): kind for field, kind in record.payload_indexes.items() if field != shared},
        debias=True,
    )


def _live(catalog: Catalog, collection: CollectionName) -> Manifest:
    """Read the manifest of the live version, without opening its store."""
    live = catalog.live_version(collection)
    for info in catalog.versions(collection):
        if info.version == live:
            return info.manifest
    raise StoreError(
        f"the live version {live} of {collection} cannot be read; try: searchapp index rollback {collection}"
    )
