"""What the page's Index tab builds with: the same steps as `searchapp index build` and `rollback`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from searchapp.cli.progress import STAGES
from searchapp.errors import CollectionNotFoundError
from searchapp.stores.base import Catalog

if TYPE_CHECKING:
    from index_builder.report import Progress
    from ui.building import BuildOutcome, BuildRequest
    from ui.jobs import Step


class HomeBuilds:
    """Builds into a catalog; thread-safe, because each build opens what it needs.

    Args:
        catalog: Where the versions go; the caller closes it.
        work: Folder of journals, locks and rejects.
        encoders: What may be built with, the default one first.
        any_encoder: Whether other models may be named.
        detector: Name of the language detector.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        work: Path,
        encoders: tuple[str, ...],
        detector: str,
        any_encoder: bool = False,
    ) -> None:
        self._catalog = catalog
        self._work = work
        self._detector = detector
        self.encoders = encoders
        self.any_encoder = any_encoder

    def build(self, request: BuildRequest, *, progress: Callable[[Step], None]) -> BuildOutcome:
        """Build a new version and make it live."""
        from index_builder.build import IndexBuilder
        from index_builder.config import BuildConfig
        from index_builder.sources.base import Columns
        from index_builder.sources.opening import open_source
        from searchapp.encoders.loading import load_encoder
        from searchapp.stores.edge_catalog import check_name
        from searchapp.text.bm25 import LexicalEncoder
        from searchapp.text.detection import load_detector
        from searchapp.text.passages import PassageCutter
        from ui.building import BuildOutcome

        collection = check_name(request.collection)
        columns = Columns(
            text=request.text_field or None,
            language=request.language_field or None,
            title=request.title_field or None,
        )
        same = request.translations_field or None
        source = open_source(str(request.source), columns=columns)
        with ExitStack() as stack:
            encoder = load_encoder(request.encoder)
            stack.callback(encoder.close)
            config = BuildConfig(
                collection=collection,
                source={"path": request.name, "format": None, **asdict(columns)},
                detector=self._detector,
                payload_indexes={f"metadata.{same}": "keyword"} if same else {},
                translations_by=same,
                encoder_options={"revision": None, "backend": "torch"},
            )
            builder = IndexBuilder(catalog=self._catalog, encoder=encoder, lexical=LexicalEncoder(), work=self._work)
            cutter = PassageCutter(load_detector(self._detector))
            report = builder.build(source, config, cutter=cutter, progress=lambda state: progress(_step(state)))
        return BuildOutcome(
            collection=report.collection,
            version=report.version,
            documents=report.documents,
            passages=report.passages,
            languages=report.languages,
            rejected=report.rejected,
            reused=report.reused,
            reasons=report.reasons,
            rejects=Path(report.rejects_path) if report.rejects_path else None,
            seconds=report.seconds,
        )

    def activate(self, collection: str, version: str) -> None:
        """Make another version live, while no build of the collection runs."""
        from index_builder.lock import build_lock, lock_path
        from searchapp.stores.edge_catalog import check_name

        with build_lock(lock_path(self._work, check_name(collection)), collection=collection):
            versions = [info.version for info in self._catalog.versions(collection)]
            if version not in versions:
                raise CollectionNotFoundError(
                    f"collection {collection!r} has no version {version!r}; it has {', '.join(versions)}"
                )
            self._catalog.activate(collection, version)

    def unfinished(self) -> dict[str, int]:
        """Collections with a build that stopped half-way -> its finished batches."""
        from index_builder.unfinished import unfinished_builds

        return unfinished_builds(self._catalog, self._work)

    def discard(self, collection: str) -> None:
        """Delete what unfinished builds of a collection left."""
        from index_builder.unfinished import discard_unfinished
        from searchapp.stores.edge_catalog import check_name

        discard_unfinished(self._catalog, self._work, check_name(collection))


def _step(state: Progress) -> Step:
    from ui.jobs import Step

    rejected = f", {state.rejected:,} rejected" if state.rejected else ""
    return Step(
        STAGES[state.stage], state.fraction, f"{state.documents:,} documents, {state.passages:,} passages{rejected}"
    )
