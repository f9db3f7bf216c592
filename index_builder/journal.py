"""Record the finished batches of a build on disk, each written atomically.

The store of an unfinished version is not trusted: a resumed build starts with an empty one and replays the journal. An
interruption at any time therefore costs at most one batch and cannot leave a half-written index behind. Only a store that
workers of a cluster wrote (`Journal.share`) is kept; the journal then says which batches it has.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from searchapp.datatypes import FloatArray, SparseVector
from searchapp.errors import InputError
from searchapp.files.arrays import Kind, read_arrays
from searchapp.files.replacing import replaced
from searchapp.stores.base import Point
from searchapp.stores.durable import replace_text
from searchapp.stores.payload import language_of

SHARED = "SHARED"
"""Name of the file that `Journal.share` writes."""

logger = logging.getLogger(__name__)

ARRAYS = {
    "head": Kind("u", 1),
    "dense": Kind("f", 2),
    "indices": Kind("u", 1),
    "values": Kind("f", 1),
    "offsets": Kind("i", 1),
}
"""Arrays of a segment's file."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One finished batch.

    Attributes:
        items: Number of source items (documents and rejected rows) that it finished.
        documents: Number of documents among them.
        started: Passages of the next document in this and earlier segments: a document too large for one segment
            continues in the next one.
        points: Points to write into the store; of points that workers wrote, one as a sample.
        rejects: Rejected rows, as JSON objects.
        reused: Points whose vectors came from the live version.
        written: Number of points by language that workers wrote into the store themselves; None if `points` are to be
            written.
    """

    items: int
    documents: int
    points: tuple[Point, ...]
    rejects: tuple[dict[str, Any], ...] = ()
    reused: int = 0
    started: int = 0
    written: Mapping[str, int] | None = None

    @property
    def languages(self) -> Counter[str]:
        """Count all points by language."""
        if self.written is not None:
            return Counter(self.written)
        return Counter(language_of(point.payload) for point in self.points)


class Journal:
    """The segments of one build, in a folder named after the build's key. Used by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._remove_unreachable()

    def paths(self) -> list[Path]:
        """List the files of the finished segments, in order, up to the first gap."""
        found = sorted(self.folder.glob("[0-9]*.npz"))
        return [path for place, path in enumerate(found) if path.stem == f"{place:08d}"]

    def _remove_unreachable(self) -> None:
        """Delete half-written segments, and those after a gap."""
        for leftover in {*self.folder.glob("*.tmp"), *self.folder.glob("[0-9]*.npz")} - set(self.paths()):
            leftover.unlink()

    def append(self, segment: Segment) -> None:
        """Write a segment durably after the existing ones.

        Args:
            segment: Points and rejects of the next batch of documents.
        """
        path = self.folder / f"{len(self.paths()):08d}.npz"
        with replaced(path, durable=True) as part, part.open("wb") as file:
            np.savez(file, **_pack(segment))

    def replay(self) -> Iterator[Segment]:
        """Read the finished segments back, in order, up to the first damaged one, which is removed with those after it."""
        for path in self.paths():
            try:
                segment = _unpack(read_arrays(path, ARRAYS))
            except (InputError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
                logger.warning("%s: damaged (%s); the build goes on from the batch before it", path, error)
                path.unlink()  # the following ones are after a gap now
                self._remove_unreachable()
                return
            yield segment

    @property
    def shared(self) -> str | None:
        """Read what `share` noted; None if only this process writes into the store."""
        path = self.folder / SHARED
        return path.read_text(encoding="utf-8") if path.exists() else None

    def share(self, layout: str) -> None:
        """Note that workers write into the store, which therefore survives an interruption.

        Args:
            layout: What else determines the points, besides the build's key.
        """
        replace_text(self.folder / SHARED, layout)

    def clear(self) -> None:
        """Delete the segments and the note of `share`, the last segment first, so that an interruption leaves no gap."""
        for path in reversed(self.paths()):
            path.unlink()
        (self.folder / SHARED).unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the journal in one step, so that an interruption leaves no segments to resume from."""
        gone = self.folder.with_name(f"{self.folder.name}.removed")
        shutil.rmtree(gone, ignore_errors=True)
        self.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)  # the next build of the collection deletes the rest


def _pack(segment: Segment) -> dict[str, Any]:
    shared: dict[int, int] = {}
    metadata: list[Any] = []
    payloads = []
    for point in segment.points:  # the passages of a document share their metadata, which is written once
        payload = dict(point.payload)
        own = payload.pop("metadata", None)
        if id(own) not in shared:
            shared[id(own)] = len(metadata)
            metadata.append(own)
        payloads.append([payload, shared[id(own)]])
    head = {
        "items": segment.items,
        "documents": segment.documents,
        "reused": segment.reused,
        "started": segment.started,
        "written": None if segment.written is None else dict(segment.written),
        "rejects": list(segment.rejects),
        "ids": [point.id for point in segment.points],
        "payloads": payloads,
        "metadata": metadata,
    }
    sizes = [len(point.sparse.indices) for point in segment.points]
    return {
        "head": np.frombuffer(json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass"), dtype=np.uint8),
        "dense": np.stack([point.dense for point in segment.points])
        if segment.points
        else np.zeros((0, 0), np.float32),
        "indices": np.array([i for point in segment.points for i in point.sparse.indices], dtype=np.uint32),
        "values": np.array([v for point in segment.points for v in point.sparse.values], dtype=np.float32),
        "offsets": np.cumsum([0, *sizes], dtype=np.int64),
    }


def _unpack(arrays: dict[str, Any]) -> Segment:
    head = json.loads(arrays["head"].tobytes().decode("utf-8", "surrogatepass"))
    dense: FloatArray = arrays["dense"]
    offsets = arrays["offsets"].tolist()
    indices, values = arrays["indices"].tolist(), arrays["values"].tolist()
    metadata = head["metadata"]
    points = tuple(
        Point(
            id=point_id,
            dense=dense[row],
            sparse=SparseVector(tuple(indices[start:end]), tuple(values[start:end])),
            payload=payload if metadata[own] is None else {**payload, "metadata": metadata[own]},
        )
        for row, (point_id, (payload, own), start, end) in enumerate(
            zip(head["ids"], head["payloads"], offsets[:-1], offsets[1:], strict=True)
        )
    )
    return Segment(
        items=head["items"],
        documents=head["documents"],
        points=points,
        rejects=tuple(head["rejects"]),
        reused=head["reused"],
        started=head["started"],
        written=head["written"],
    )
