"""Run the stages between reading and finished segments on a Ray cluster, as a stream that the driver follows.

Writing is the last stage of the stream and not a Ray Data datasink: a datasink reports to the driver only at the end, so
that a build would show no progress and an interrupted one would know nothing of what was written. (`ray-qdrant` 0.1.1 is
such a datasink and writes one vector per point; a passage has up to three.) Here each finished segment comes back to the
driver as a short account of what was written, in the order of the source, and is entered into the journal.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from index_builder.feed import Work
from index_builder.journal import Segment
from index_builder.pipeline import COPIES
from index_builder.ray.cluster import Cluster, connected
from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.encoders.transformer import TransformerEncoder
from searchapp.errors import ClusterError, ConfigurationError, SearchAppError

logger = logging.getLogger(__name__)

IN_FLIGHT = 4
"""Parts of the memory of a build: segments of a worker that wait, are worked on and are sent."""


class ClusterFeed:
    """The segments of a build on a cluster, in the order of the source. Used once.

    Attributes:
        rows: Rows of the source that were read, with those of an interrupted build.

    Args:
        cluster: The cluster.
        work: What the build consists of.
        encoder: The driver's encoder; workers load it by its name.
        known: Existing embeddings by the digest of what the encoder reads.
    """

    def __init__(self, cluster: Cluster, work: Work, *, encoder: Encoder, known: Mapping[str, FloatArray]) -> None:
        self._cluster, self._work, self._encoder, self._known = cluster, work, encoder, known
        self._fraction: float | None = None
        self.rows = work.skip

    def fraction(self, items: int) -> float | None:
        """Return the share of the source in the segments so far.

        Args:
            items: Ignored: the share comes with each segment.
        """
        return self._fraction

    def segments(self) -> Generator[Segment]:
        """Run the stages and give what they finish.

        Raises:
            ClusterError: Workers failed for another reason than an error of this software.
        """
        with ExitStack() as stack:
            stack.enter_context(connected(self._cluster))
            from ray.exceptions import RayError

            from index_builder.ray.parcels import COLUMN, unpacked

            last = None
            try:
                for row in self._dataset().iter_rows():
                    last = unpacked(row[COLUMN])
                    if isinstance(last.content, SearchAppError):
                        raise last.content
                    if last.content is not None:
                        self._fraction = last.fraction
                        yield last.content
            except RayError as error:
                raise ClusterError(
                    f"the workers of the Ray cluster failed ({_cause(error)}); run the same command again: the build resumes "
                    "where it stopped"
                ) from error
            if last is None or last.content is not None:
                raise ClusterError("the Ray cluster lost the end of the source; run the same command again")
            self.rows = last.rows

    def _dataset(self) -> Any:
        """Connect the stages. Nothing runs before the result is read."""
        import ray
        from ray.data import DataContext
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        from index_builder.ray.reading import SourceBlocks
        from index_builder.ray.stages import Cutting, EncoderPlace, Encoding, Writing

        work, options = self._work, self._work.options
        context = DataContext.get_current().copy()
        context.enable_progress_bars = context.print_on_execution_start = False
        context.execution_options.preserve_order = True  # the journal is a beginning of the source
        context.target_max_block_size = context.target_min_block_size = 1  # each parcel can go to another worker
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        with DataContext.current(context):
            blocks = SourceBlocks(work.source, skip=work.skip, started=work.started, most=options.batch)
            with warnings.catch_warnings():  # there is no other way yet to keep a reader on its node
                warnings.filterwarnings("ignore", message="`ray_remote_args` is deprecated")
                dataset = ray.data.read_datasource(
                    blocks, override_num_blocks=1, num_cpus=0, ray_remote_args={"scheduling_strategy": here}
                )
            cutting = Cutting(
                options, self._encoder.dimension, work.memory // (COPIES * IN_FLIGHT), path=work.source.path
            )
            dataset = dataset.map_batches(cutting, batch_size=1, batch_format="pyarrow", **self._tasks(2))
            place = EncoderPlace(
                name=self._encoder.name,
                fingerprint=self._encoder.fingerprint,
                folder=Path.cwd(),
                options=options,
                threads=self._cluster.threads,
                collection=work.collection,
                home=work.home,
                url=work.url,
            )
            dataset = dataset.map_batches(
                Encoding,
                batch_size=1,
                batch_format="pyarrow",
                fn_constructor_args=(place, ray.put(self._known)),
                **self._pool(),
            )
            if work.url is not None:
                writing = Writing(work.url, work.collection, work.version, work.spec, work.transform)
                dataset = dataset.map_batches(writing, batch_size=1, batch_format="pyarrow", **self._tasks(4))
        return dataset

    def _tasks(self, share: int) -> dict[str, Any]:
        """Limit a stage to one task for so many processors. Its tasks reserve none: encoders may hold them all."""
        import ray
        from ray.data import TaskPoolStrategy

        tasks = max(1, int(ray.cluster_resources().get("CPU", 1)) // share)
        return {"num_cpus": 0, "compute": TaskPoolStrategy(size=tasks), "scheduling_strategy": "SPREAD"}

    def _pool(self) -> dict[str, Any]:
        """Choose the size and the resources of the pool of encoders."""
        import ray
        from ray.data import ActorPoolStrategy

        there = ray.cluster_resources()
        gpus = int(there.get("GPU", 0)) if isinstance(self._encoder, TransformerEncoder) else 0
        most = gpus or int(there.get("CPU", 0)) // self._cluster.threads
        size = self._cluster.encoders
        if most < (size or 1):  # Ray would wait for ever
            raise ConfigurationError(
                f"{size or 1} encoders of {self._cluster.threads} processors do not fit on the Ray cluster, which has "
                f"{there.get('CPU', 0):g} processors and {gpus} GPUs for this encoder; ask for fewer"
            )
        pool = ActorPoolStrategy(min_size=size or 1, max_size=size or most)
        return {"compute": pool, "num_cpus": self._cluster.threads, **({"num_gpus": 1} if gpus else {})}


def _cause(error: Exception) -> str:
    """Find the line of an error of Ray that says what happened."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
