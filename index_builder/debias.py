"""Write a new version of a collection from the live one's stored vectors, with another debias transform or default."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import numpy as np

from index_builder.debiased import Debias, with_debiased
from index_builder.lock import build_lock
from index_builder.memory import MappedFiles
from index_builder.unfinished import discard, journals
from index_builder.validate import validate
from index_builder.versions import new_version, prune
from searchapp.datatypes import FloatArray, Progress, Tell
from searchapp.debias.attached import read_transform, record
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import to_bytes
from searchapp.errors import BuildError, ConfigurationError
from searchapp.stores.base import Catalog, Point, Store, StoreSpec
from searchapp.stores.build_record import DebiasRecord
from searchapp.stores.copying import all_points
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import CollectionName, VersionName
from searchapp.stores.payload import language_of

MAPPED_BYTES = 2**28
"""Bytes by which the mapped files of both versions may grow before they are released."""
SAMPLES = 8


@dataclass(frozen=True, slots=True)
class DebiasReport:
    """What a debias run did.

    Attributes:
        moved: Mean cosine between the passages' vectors before and after the transform.
        changed: Share of the passages whose vector changed.
        notes: Notes for the user, such as that an old version could not be deleted.
    """

    collection: str
    version: str
    debias: DebiasRecord
    passages: int
    moved: float
    changed: float
    seconds: float
    notes: tuple[str, ...] = ()


Fit = Callable[[Store, Manifest], "tuple[DebiasTransform, Mapping[str, Any]]"]
"""Fits a transform from an open version and describes what it was fitted on."""


class Debiaser:
    """Writes versions that differ from the live one in their debias transform, without encoding anything.

    Args:
        catalog: Catalog of the versions.
        work: Folder for locks and records of unfinished versions.
    """

    def __init__(self, *, catalog: Catalog, work: Path) -> None:
        self._catalog = catalog
        self._work = work

    def fit(self, collection: str, fit: Fit, *, keep: int = 2, progress: Tell | None = None) -> DebiasReport:
        """Fit a transform and make a version with it live.

        Args:
            collection: Name of the collection.
            fit: Fits the transform; called under the build lock with the live version open.
            keep: Old versions to keep after the switch.
            progress: Called in this thread.

        Raises:
            BuildError: Nothing can be fitted, validation failed, or a build holds the lock. In every case the live
                version stays in use; the next run or build deletes what an interrupted run left.
        """

        def made(store: Store, manifest: Manifest) -> Debias:
            transform, fitted_on = fit(store, manifest)
            data = to_bytes(transform)
            return Debias(transform=transform, data=data, record=record(transform, data, fitted_on=fitted_on))

        return self._rewrite(collection, made, keep=keep, progress=progress)

    def set_default(
        self, collection: str, default: bool, *, keep: int = 2, progress: Tell | None = None
    ) -> DebiasReport:
        """Make a version live whose searches use the transform by default, or do not.

        A version never changes once it is complete, so this writes a copy, which running clients notice and which a rollback
        undoes.

        Args:
            collection: Name of the collection.
            default: Whether searches use the transform by default.
            keep: Old versions to keep after the switch.
            progress: Called in this thread.

        Raises:
            ConfigurationError: The collection has no transform, or already has this default.
        """

        def made(store: Store, manifest: Manifest) -> Debias:
            transform = read_transform(self._catalog, manifest)
            if transform is None or manifest.debias is None:
                raise ConfigurationError(
                    f"collection {collection!r} has no debias transform; fit one with: searchapp debias fit {collection}"
                )
            if manifest.debias.default == default:
                raise ConfigurationError(
                    f"debiasing of collection {collection!r} is {'on' if default else 'off'} already"
                )
            entry = replace(manifest.debias, default=default)
            return Debias(transform=transform, data=to_bytes(transform), record=entry)

        return self._rewrite(collection, made, keep=keep, progress=progress)

    def _rewrite(
        self,
        collection: str,
        make: Callable[[Store, Manifest], Debias],
        *,
        keep: int,
        progress: Tell | None,
    ) -> DebiasReport:
        name = CollectionName(collection)
        tell = progress or (lambda state: None)
        begun = time.perf_counter()
        with build_lock(self._work, name):
            folder = self._fresh_folder(name)
            live, manifest = self._catalog.open(name)
            with live:
                tell(Progress("fitting"))
                debias = make(live, manifest)
                version = new_version(folder / "VERSION", suffix=debias.record.digest[:8])
                spec = StoreSpec(
                    dimension=manifest.dimension,
                    payload_indexes=manifest.configuration.payload_indexes,
                    debiased=True,
                )
                with self._catalog.create(name, version, spec) as store:
                    moved, changed = _copy(live, store, debias.transform, manifest.points, tell)
            tell(Progress("going live", 1.0, {"passages": manifest.points}))
            debias.attach(self._catalog, name, version)
            self._catalog.complete(name, version, _manifest(manifest, version, debias))
            self._catalog.activate(name, version)
            shutil.rmtree(folder, ignore_errors=True)  # the next run or build deletes the rest
            _, notes = prune(self._catalog, name, keep=keep)
        return DebiasReport(
            collection=collection,
            version=version,
            debias=debias.record,
            passages=manifest.points,
            moved=moved,
            changed=changed,
            seconds=time.perf_counter() - begun,
            notes=tuple(notes),
        )

    def _fresh_folder(self, collection: CollectionName) -> Path:
        """Create the folder that records the unfinished version, empty. Builds check it as well."""
        folder = journals(self._work, collection) / "debias"
        discard(self._catalog, collection, folder)
        folder.mkdir(parents=True)
        return folder


def stored_vectors(store: Store, *, points: int, sample: int | None, seed: int) -> tuple[FloatArray, list[str]]:
    """Read the dense vectors of a version and the language of each, or a random sample of them.

    Args:
        store: Open store of the version.
        points: Number of its points.
        sample: Approximate number of vectors to read; None for all.
        seed: Seed of the sample.

    Returns:
        (n, dimension) vectors, and n languages.
    """
    chance = 1.0 if sample is None else min(1.0, sample / max(1, points))
    random = np.random.default_rng(seed)
    vectors, languages = [], []
    files = MappedFiles(MAPPED_BYTES, (store.release,))
    for page in all_points(store):
        files.check()
        for point in page:
            if random.random() < chance and point.dense is not None:
                vectors.append(point.dense)
                languages.append(language_of(point.payload))
    if not vectors:
        raise BuildError(f"no vectors to fit on: the sample of {sample} of {points:,} passages is empty")
    return np.stack(vectors), languages


def _copy(live: Store, store: Store, transform: DebiasTransform, points: int, tell: Tell) -> tuple[float, float]:
    """Write all points with their debiased vectors and check the version; return mean cosine and share of changed vectors."""
    done, cosines, changed = 0, 0.0, 0
    samples: list[Point] = []
    files = MappedFiles(MAPPED_BYTES, (store.release, live.release))
    for page in all_points(live):
        written = with_debiased(page, transform)
        store.upsert(written)
        files.check()
        for point in written:
            if point.debiased is not None:
                cosine = float(point.dense @ point.debiased)
                cosines += cosine
                changed += cosine < 1 - 1e-5
        samples += written[: 1 if len(samples) < SAMPLES else 0]
        done += len(written)
        tell(Progress("debiasing", done / max(1, points), {"passages": done}))
    tell(Progress("optimising", 1.0, {"passages": done}))
    store.optimize()
    store.flush()
    tell(Progress("validating", 1.0, {"passages": done}))
    validate(store, points=points, samples=samples)
    return cosines / max(1, done), changed / max(1, done)


def _manifest(manifest: Manifest, version: VersionName, debias: Debias) -> Manifest:
    return replace(
        manifest,
        version=version,
        debias=debias.record,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        software=package_version("searchapp"),
    )
