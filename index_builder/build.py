"""Build a collection: write a new version next to the live one, validate it, switch, and keep a few old versions."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version as package_version
from pathlib import Path

from index_builder.batches import Cutter
from index_builder.cleaning import clean_locked
from index_builder.content import Content
from index_builder.debiased import Debias, kept_transform, with_debiased
from index_builder.feed import Feed, LocalFeed, Work
from index_builder.journal import Journal, Segment
from index_builder.lock import build_lock
from index_builder.memory import MappedFiles, halves
from index_builder.options import BuildOptions
from index_builder.pipeline import Pipeline
from index_builder.ray.cluster import Cluster
from index_builder.ray.feed import ClusterFeed
from index_builder.rejects import Reject, RejectsWriter, rejects_path
from index_builder.report import BuildReport, Totals
from index_builder.reuse import LiveEmbeddings, live_embeddings
from index_builder.sources.base import Source
from index_builder.unfinished import discard, journals
from index_builder.validate import check_rows, validate
from index_builder.versions import check_live, complete_versions, new_version, noted_version, prune
from searchapp.datatypes import FloatArray, Progress, Tell
from searchapp.encoders.base import Encoder
from searchapp.errors import (
    BuildError,
    FileChangedError,
    InputError,
    SearchAppError,
    StorageFullError,
)
from searchapp.stores.base import Catalog, SharedCatalog, Store, StoreSpec
from searchapp.stores.build_record import BuildRecord
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import CollectionName, VersionName
from searchapp.text.bm25 import LexicalEncoder

logger = logging.getLogger(__name__)

FREE_BYTES = 64 * 2**20
"""Free space below which a build stops: the live version needs some to be searched."""


@dataclass(frozen=True, slots=True)
class _Run:
    """State shared by the steps of a build."""

    collection: CollectionName
    cutter: Cutter
    journal: Journal
    version: VersionName
    digest: str
    totals: Totals
    rejects: RejectsWriter
    tell: Tell
    embeddings: Mapping[str, FloatArray]
    debias: Debias | None = None
    origin: Manifest | None = None


class IndexBuilder:
    """Builds versions of collections in a catalog.

    Args:
        catalog: Catalog of the versions.
        encoder: Embeds the passages.
        lexical: Weights the terms of the passages.
        work: Folder for journals, locks and rejects; on the same disk as an embedded catalog.
        cluster: Cuts and encodes, and writes to a server; None to do it in this process.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        encoder: Encoder,
        lexical: LexicalEncoder,
        work: Path,
        cluster: Cluster | None = None,
    ) -> None:
        self._catalog = catalog
        self._encoder = encoder
        self._lexical = lexical
        self._work = work
        self._cluster = cluster

    def build(
        self,
        source: Source,
        collection: CollectionName,
        options: BuildOptions,
        *,
        cutter: Cutter,
        embeddings: Mapping[str, FloatArray] | None = None,
        origin: Manifest | None = None,
        progress: Tell | None = None,
    ) -> BuildReport:
        """Index a source and make it live.

        Args:
            source: The source, read from start to end, twice if it is a file (digest, then rows).
            collection: The collection that gets a new version.
            options: How to read and cut the source, and what to keep.
            cutter: Cuts documents into passages.
            embeddings: Existing (dimension,) embeddings by the digest of what the encoder reads.
            origin: A version to copy as the start of the new one; documents are added to it, or replaced by their ids. None
                starts from nothing.
            progress: Called in this thread, at most a few times a second.

        Raises:
            BuildError: Validation failed, nothing could be indexed, or another build holds the lock. In every case the live
                version stays in use, and an interrupted build resumes when it is started again.
        """
        tell = progress or (lambda state: None)
        begun = time.perf_counter()
        with build_lock(self._work, collection):
            tell(Progress("reading"))
            if origin is not None:
                check_live(self._catalog, origin)
            digest = source.digest()
            key = self._key(source, options, digest=digest, origin=origin)
            clean_locked(self._catalog, collection, work=self._work)
            journal = self._journal(collection, key, alone=origin is None)
            version = self._version(journal, collection, key)
            totals = Totals()
            debias, notes = kept_transform(self._catalog, collection, encoder=self._encoder, keep=options.debias)
            rejects = RejectsWriter(rejects_path(self._work, collection, version))
            run = _Run(
                collection, cutter, journal, version, digest, totals, rejects, tell, embeddings or {}, debias, origin
            )
            with closing(rejects), self._tidied(journal, collection, version):
                content = self._write(source, options, run)
            self._go_live(run, content, configuration=options.record(source.path))
            if origin is not None and debias is not None:
                notes = ()
            notes += self._settle(journal, collection, keep=options.keep)
        return totals.report(
            collection,
            version,
            reasons=rejects.reasons,
            rejects_path=rejects.path,
            begun=begun,
            debias=debias.name if debias else "",
            notes=notes,
        )

    def _key(self, source: Source, options: BuildOptions, *, digest: str, origin: Manifest | None) -> str:
        """Compute the key of a build: an interrupted one is resumed by one with the same key."""
        return options.key(
            source=source.path,
            fingerprint=self._encoder.fingerprint,
            digest=digest,
            lexical=self._lexical.configuration,
            origin="" if origin is None else origin.version,
        )

    def _go_live(self, run: _Run, content: Content, *, configuration: BuildRecord) -> None:
        """Complete the written version with its manifest and make it the live one."""
        run.tell(run.totals.progress("going live", 1.0))
        if run.debias is not None:
            run.debias.attach(self._catalog, run.collection, run.version)
        manifest = self._manifest(run, configuration=configuration)
        if run.origin is not None:
            manifest = content.manifest(run.origin, version=run.version, source=run.digest, debias=manifest.debias)
        self._catalog.complete(run.collection, run.version, manifest)
        self._catalog.activate(run.collection, run.version)

    def _settle(self, journal: Journal, collection: CollectionName, *, keep: int) -> tuple[str, ...]:
        """Delete what a completed build no longer needs. Failures to delete are reported and harmless."""
        deleted, notes = prune(self._catalog, collection, keep=keep)
        try:
            journal.remove()
            for version in deleted:
                rejects_path(self._work, collection, VersionName(version)).unlink(missing_ok=True)
        except OSError as error:
            notes.append(
                f"{error.filename}: cannot be deleted ({error.strerror}); run: searchapp index clean {collection}"
            )
        return tuple(notes)

    def _write(self, source: Source, options: BuildOptions, run: _Run) -> Content:
        """Fill the version's store from the journal and then from the source, optimise it and check it."""
        totals = run.totals
        for_passages, for_files = halves(options.memory)
        spec = StoreSpec(
            dimension=self._encoder.dimension,
            payload_indexes=options.payload_indexes,
            debiased=run.debias is not None,
            replication=options.replication,
        )
        with self._opened(spec, run) as store:
            content = Content(store) if run.origin is None else Content.copied(store, run.origin)
            self._replay(content, run, MappedFiles(for_files, (store.release,)))
            work = Work(
                source=source,
                options=options,
                collection=run.collection,
                version=run.version,
                spec=spec,
                transform=None if run.debias is None else run.debias.transform,
                skip=totals.items,
                started=totals.started,
                memory=for_passages,
                home=_home(self._catalog),
                url=self._address,
            )
            with self._feed(work, run, store) as (feed, release):
                self._index(feed, content, run, files=MappedFiles(for_files, release), strict=options.strict)
            check_rows(totals, run.rejects, source=source.path)
            run.tell(totals.progress("optimising", 1.0))
            store.optimize()
            store.flush()
            run.tell(totals.progress("validating", 1.0))
            validate(store, points=content.points, samples=totals.samples)
        return content

    def _replay(self, content: Content, run: _Run, files: MappedFiles) -> None:
        """Write what the journal holds of an interrupted build."""
        for segment in run.journal.replay():
            self._add(content, segment, run)
            files.check()
            run.tell(run.totals.progress("resuming", None))
        run.totals.resumed = run.totals.points

    def _index(self, feed: Feed, content: Content, run: _Run, *, files: MappedFiles, strict: bool) -> None:
        """Write the segments that are made from the source, each into the journal first."""
        with closing(feed.segments()) as segments:
            for segment in segments:
                if strict and segment.rejects:
                    raise _strict(Reject.from_dict(segment.rejects[0]))
                self._check_disk()
                run.journal.append(segment)
                self._add(content, segment, run)
                files.check()
                run.tell(run.totals.progress("indexing", feed.fraction(run.totals.items)))
        run.totals.rows = feed.rows

    def _opened(self, spec: StoreSpec, run: _Run) -> Store:
        if run.origin is not None:
            run.tell(Progress("copying"))
            return self._catalog.fork(run.collection, run.version, spec, origin=run.origin.version)
        layout = "" if run.debias is None else run.debias.record.digest
        store = None
        if run.journal.shared == layout and isinstance(self._catalog, SharedCatalog):
            store = self._catalog.reopen(run.collection, run.version, spec)
        if store is None:
            if run.journal.shared is not None:  # what it says was written is not there
                run.journal.clear()
            store = self._catalog.create(run.collection, run.version, spec)
        if self._cluster is not None and self._address is not None:
            run.journal.share(layout)
        return store

    @contextmanager
    def _feed(self, work: Work, run: _Run, store: Store) -> Iterator[tuple[Feed, Sequence[Callable[[], None]]]]:
        """Open what makes the segments, and name what gives back its mapped files."""
        if self._cluster is not None:
            yield ClusterFeed(self._cluster, work, encoder=self._encoder, known=run.embeddings), (store.release,)
            return
        with self._lookup(run, store) as lookup:
            pipeline = Pipeline(
                cutter=run.cutter,
                encoder=self._encoder,
                lexical=self._lexical,
                lookup=lookup,
                known=run.embeddings,
                path=work.source.path,
                batch=work.options.batch,
                memory=work.memory,
            )
            both = (store.release, lookup.release)
            yield LocalFeed(work, pipeline), both if run.origin is None else (lookup.release,)

    @property
    def _address(self) -> str | None:
        """Address at which workers reach the catalog; None if only this process does."""
        return self._catalog.address if isinstance(self._catalog, SharedCatalog) else None

    @contextmanager
    def _tidied(self, journal: Journal, collection: CollectionName, version: VersionName) -> Iterator[None]:
        """Clean up after a failed build: delete its journal if it cannot help, and its store unless that is resumed."""
        try:
            yield
        except Exception as error:
            if isinstance(error, (BuildError, FileChangedError)) or not journal.paths():
                journal.remove()
            elif journal.shared is not None:
                raise
            with suppress(SearchAppError):  # report only the first error
                self._catalog.delete_version(collection, version)
            raise

    def _add(self, content: Content, segment: Segment, run: _Run) -> None:
        if segment.written is not None:
            content.count(segment.written)
        else:
            content.upsert(
                segment.points if run.debias is None else with_debiased(segment.points, run.debias.transform)
            )
        run.totals.add(segment)
        for reject in segment.rejects:
            run.rejects.write(Reject.from_dict(reject))

    def _journal(self, collection: CollectionName, key: str, *, alone: bool) -> Journal:
        """Open this build's journal. A whole build deletes those of other builds; an addition leaves them to be resumed."""
        folder = journals(self._work, collection)
        for stale in folder.glob("*"):
            if alone and stale.name != key:
                discard(self._catalog, collection, stale)
        return Journal(folder / key)

    def _version(self, journal: Journal, collection: CollectionName, key: str) -> VersionName:
        """Name the version: the same name if the build is resumed, a new one if that version is already complete."""
        path = journal.folder / "VERSION"
        version = noted_version(path)
        if version is not None and version not in complete_versions(self._catalog, collection):
            return version
        return new_version(path, suffix=key[:8])

    @contextmanager
    def _lookup(self, run: _Run, written: Store) -> Iterator[LiveEmbeddings]:
        """Find embeddings by the same encoder in the live version; none if there are none."""
        if run.origin is not None:  # the version is a copy of the live one and contains its embeddings
            yield LiveEmbeddings(written)
            return
        with live_embeddings(self._catalog, run.collection, self._encoder) as found:
            yield found

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self._work).free
        if free < FREE_BYTES:
            raise StorageFullError(
                f"{self._work}: {free / 2**20:.0f} MiB free, at least {FREE_BYTES / 2**20:.0f} MiB needed; "
                "free some space and run the same command again: the build resumes where it stopped"
            )

    def _manifest(self, run: _Run, *, configuration: BuildRecord) -> Manifest:
        return Manifest(
            collection=run.collection,
            version=run.version,
            encoder=self._encoder.name,
            fingerprint=self._encoder.fingerprint,
            dimension=self._encoder.dimension,
            points=run.totals.points,
            languages=dict(run.totals.languages.most_common()),
            lexical=self._lexical.configuration,
            source=run.digest,
            configuration=configuration,
            created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            software=package_version("searchapp"),
            debias=run.debias.record if run.debias else None,
        )


def _home(catalog: Catalog) -> Path | None:
    from searchapp.stores.edge_catalog import EdgeCatalog

    return catalog.home if isinstance(catalog, EdgeCatalog) else None


def _strict(reject: Reject) -> InputError:
    return InputError(f"{reject.reason} (--strict stops at the first bad row)", path=reject.path, line=reject.line)
