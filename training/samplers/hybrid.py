"""Draw hybrid batches: each monolingual or cross-lingual, in fixed shares (arXiv 2408.10536)."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers.base.sampler import MultiDatasetDefaultBatchSampler

from searchapp.errors import ConfigurationError, InputError
from training.columns import CROSS, DISTILL, KINDS, MONO, SIMCSE, kind_of
from training.mixing import Mixing, apportion
from training.samplers.keys import row_keys
from training.samplers.stream import Stream

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mixture:
    """The batches and rows that an epoch actually drew.

    Attributes:
        batches: Kind -> number of batches.
        rows: Dataset key -> number of rows.
    """

    batches: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)

    @property
    def alpha(self) -> float | None:
        """Return the share of monolingual batches among those of pairs; None before the first."""
        pairs = self.batches[MONO] + self.batches[CROSS]
        return self.batches[MONO] / pairs if pairs else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return {
            "alpha": self.alpha,
            "batches": dict(sorted(self.batches.items())),
            "rows": dict(sorted(self.rows.items())),
        }


class HybridBatchSampler(MultiDatasetDefaultBatchSampler):  # type: ignore[misc]
    """Batches of one kind each, over datasets named `mono/de`, `cross/de-fr`, `simcse/de` or `distill/de`.

    A monolingual batch contains one language (or, for X-X, same-language pairs of all languages); a cross-lingual one mixes
    language pairs; a batch of sentences mixes languages. Kinds, languages and pairs get exactly their shares of an epoch,
    to the nearest batch or row, in an order drawn from seed and epoch. Rows of a dataset come in random order, and none is
    repeated before all have been used. No two rows of a batch share a group or an identical text, because they would be
    false negatives of each other; a row skipped for this reason comes first when its dataset is drawn from next.

    Every process of a distributed run creates the same schedule, and accelerate distributes its batches in turn.

    Args:
        dataset: The datasets, concatenated.
        batch_samplers: One per dataset; only their batch size and `drop_last` are used.
        generator: Not used: everything follows from seed and epoch.
        seed: Seed of the schedule.
        names: Key of each dataset.
        mixing: Shares of batch kinds, languages and pairs.

    Raises:
        ConfigurationError: The mixing requests a kind without rows.
        InputError: A column is missing, or a batch cannot be filled.
    """

    def __init__(
        self,
        dataset: Any,
        batch_samplers: list[Any],
        generator: Any = None,
        seed: int = 0,
        *,
        names: Sequence[str],
        mixing: Mixing,
    ) -> None:
        super().__init__(dataset, batch_samplers, generator, seed)
        self.names = tuple(names)
        self.mixing = mixing
        self.mixture = Mixture()
        self._sizes = [len(part) for part in dataset.datasets]
        self._firsts = np.concatenate([[0], np.cumsum(self._sizes)])[:-1].astype(np.int64)
        if len(self.names) != len(self._sizes):
            raise ConfigurationError(f"{len(self.names)} names for {len(self._sizes)} datasets; expected one for each")
        self._sources = {
            kind: [index for index, name in enumerate(self.names) if kind_of(name) == kind and self._sizes[index]]
            for kind in KINDS
        }
        self._length = 0
        self._kinds = self._check_kinds()
        self._keys = row_keys(dataset.datasets, self.names)
        self._check_sizes()

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[list[int]]:
        rng = np.random.default_rng((self.seed, self.epoch))
        self.mixture = Mixture()
        streams = [Stream(first, size, rng) for first, size in zip(self._firsts.tolist(), self._sizes, strict=True)]
        covered: dict[int, deque[int]] = {}
        for kind, wanted in self._schedule(rng):
            batch = self._fill(wanted, streams, kind=kind, rng=rng, covered=covered)
            self.mixture.batches[kind] += 1
            yield batch
        logger.info("epoch %d: %s batches", self.epoch, dict(self.mixture.batches))

    def batches_by_source(self) -> dict[str, float]:
        """Return the planned batches per epoch of each dataset; fractions where batches are mixed."""
        plan: dict[str, float] = {}
        for kind, count in self._kinds.items():
            sources = self._sources[kind]
            shares = self.mixing.shares([self._sizes[index] for index in sources])
            parts = apportion(count, shares) if self._single(kind) else count * shares
            plan.update({self.names[index]: float(part) for index, part in zip(sources, parts, strict=True)})
        return plan

    def _single(self, kind: str) -> bool:
        return kind == MONO and self.mixing.monolingual == "one-language"

    def _check_kinds(self) -> dict[str, int]:
        """Return the number of batches of each kind; reject kinds without rows."""
        if strange := sorted(name for name in self.names if kind_of(name) not in KINDS):
            raise ConfigurationError(
                f"dataset {strange[0]!r}: expected a name such as mono/de, cross/de-fr or simcse/de"
            )
        if self._sources[DISTILL]:
            if any(self._sources[kind] for kind in (MONO, CROSS, SIMCSE)):
                raise ConfigurationError(
                    "datasets for distillation do not mix with others: train on one, then the other"
                )
            self._length = self._epoch([DISTILL])
            return {DISTILL: self._length}
        shares = {SIMCSE: self.mixing.simcse, MONO: self.mixing.alpha, CROSS: 1 - self.mixing.alpha}
        wanted = [kind for kind, share in shares.items() if share > 0]
        for kind in wanted:
            if not self._sources[kind]:
                raise ConfigurationError(missing_kind(kind, self.mixing, self.names))
        self._length = self._epoch(wanted)
        sentences = round(self.mixing.simcse * self._length)
        mono = round(self.mixing.alpha * (self._length - sentences))
        counts = {SIMCSE: sentences, MONO: mono, CROSS: self._length - sentences - mono}
        return {kind: count for kind, count in counts.items() if count}

    def _epoch(self, kinds: Sequence[str]) -> int:
        """Return the batches of an epoch: as many as the rows of these kinds fill."""
        if self.mixing.batches is not None:
            return self.mixing.batches
        rows = sum(self._sizes[index] for kind in kinds for index in self._sources[kind])
        return max(1, rows // int(self.batch_size))

    def _check_sizes(self) -> None:
        for kind in self._kinds:
            pools = [[index] for index in self._sources[kind]] if self._single(kind) else [self._sources[kind]]
            for pool in pools:
                most, what = _largest_batch([self._keys[index] for index in pool])
                if most < self.batch_size:
                    rows = sum(self._sizes[index] for index in pool)
                    where = self.names[pool[0]] if len(pool) == 1 else f"all {kind}/… together"
                    raise InputError(
                        f"batch.size is {self.batch_size}; expected at most {most}: {where} has {rows} rows with {most} "
                        f"different {what}, and a batch takes each once. Lower batch.size, add rows, or leave this "
                        "language out"
                    )

    def _schedule(self, rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield the kind of each batch, and how many of its rows come from each dataset: (datasets,)."""
        kinds = np.repeat(np.arange(len(self._kinds)), list(self._kinds.values()))
        rng.shuffle(kinds)
        rows = [self._slots(kind, count, rng) for kind, count in self._kinds.items()]
        names = list(self._kinds)
        for kind in kinds.tolist():
            yield names[kind], next(rows[kind])

    def _slots(self, kind: str, count: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        sources = np.array(self._sources[kind])
        shares = self.mixing.shares([self._sizes[index] for index in sources])
        size = 1 if self._single(kind) else self.batch_size
        slots = np.repeat(sources, apportion(count * size, shares))
        rng.shuffle(slots)
        for start in range(0, len(slots), size):
            drawn = np.bincount(slots[start : start + size], minlength=len(self.names))
            yield drawn * (self.batch_size // size)

    def _fill(
        self,
        wanted: NDArray[np.int64],
        streams: list[Stream],
        *,
        kind: str,
        rng: np.random.Generator,
        covered: dict[int, deque[int]],
    ) -> list[int]:
        """Fill one batch. If the remaining rows of a pair conflict, another pair replaces it and is compensated later."""
        batch: list[int] = []
        used: set[int] = set()
        single = self._single(kind)
        for index in np.flatnonzero(wanted).tolist():
            while not single and wanted[index] and covered.get(index):
                wanted[covered[index].popleft()] += 1
                wanted[index] -= 1
        missing: list[int] = []
        for index in np.flatnonzero(wanted).tolist():
            count = int(wanted[index])
            taken = self._take(index, count, streams[index], batch, used, fresh=False)
            missing += [index] * (count - taken)
        for fresh in (False, True):
            others = missing[:1] if single else rng.permutation(self._sources[kind]).tolist()
            for index in others if missing else ():
                taken = self._take(index, len(missing), streams[index], batch, used, fresh=fresh)
                for absent in missing[:taken]:
                    covered.setdefault(index, deque()).append(absent)
                del missing[:taken]
        if missing:
            drawn = ", ".join(self.names[index] for index in np.flatnonzero(wanted)[:5].tolist())
            raise InputError(
                f"{drawn}: only {len(batch)} rows fit into a batch of {self.batch_size}; all others share a group or an "
                "identical text with one of them: lower the batch size, or add rows"
            )
        return batch

    def _take(self, index: int, count: int, stream: Stream, batch: list[int], used: set[int], *, fresh: bool) -> int:
        """Add up to `count` rows of one dataset without conflicts in the batch; return their number.

        Args:
            index: Index of the dataset.
            count: Number of rows wanted.
            stream: Provides the rows of the dataset in random order.
            batch: Rows of the batch so far; extended in place.
            used: Keys of the groups and texts in the batch; extended in place.
            fresh: Start another pass over the dataset while rows of this pass remain.
        """
        keys, first = self._keys[index], int(self._firsts[index])
        passed: list[int] = []
        added, looked = 0, 0
        limit = 2 * self._sizes[index] if fresh else None
        while added < count and (limit is None or looked < limit):
            if limit is None and passed and not stream.left:
                break
            rows = stream.take(count - added)
            looked += len(rows)
            for row, own in zip(rows, keys[np.array(rows) - first].tolist(), strict=True):
                if used.isdisjoint(own):
                    used.update(own)
                    batch.append(row)
                    self.mixture.rows[self.names[index]] += 1
                    added += 1
                else:
                    passed.append(row)
        stream.give_back(passed)
        return added


def _largest_batch(keys: Sequence[NDArray[np.int64]]) -> tuple[int, str]:
    """Compute an upper bound for the rows of one batch in which no group and no text occurs twice.

    Args:
        keys: Per dataset (rows, 1 + texts): values that must not occur twice, numbered by `row_keys`.

    Returns:
        The smallest number of distinct values among groups, queries and passages, and which of them it is.
    """
    counted = [
        (len(np.unique(np.concatenate([own[:, column] for own in keys]))), what)
        for column, what in enumerate(("groups", "queries", "passages"))
        if all(own.shape[1] > column for own in keys)
    ]
    return min(counted, key=lambda found: found[0])


def missing_kind(kind: str, mixing: Mixing, names: Sequence[str]) -> str:
    """Describe that a mixing requests a kind of batch that no dataset provides.

    Args:
        kind: Kind of batch: the part of a dataset's name before the slash.
        mixing: Requested shares.
        names: Names of the existing datasets; may be empty.
    """
    have = ", ".join(names) or "none"
    if kind == CROSS:
        return (
            f"alpha = {mixing.alpha:g} asks for cross-lingual batches, but no dataset pairs two languages (there are "
            f"{have}): add translations or pairs that share groups in two languages, or set alpha = 1"
        )
    if kind == MONO:
        return (
            f"alpha = {mixing.alpha:g} asks for monolingual batches, but there are none of the datasets mono/… (there are "
            f"{have}): add same-language pairs, or set alpha = 0"
        )
    return f"simcse = {mixing.simcse:g} asks for batches of sentences, but there is no simcse/… (there are {have})"


class HybridBatching:
    """Creates a `HybridBatchSampler` where the trainer expects a callable, and keeps it so that its mixture can be read.

    Args:
        names: Keys of the training datasets, in order.
        mixing: Shares of batch kinds, languages and pairs.
    """

    def __init__(self, names: Sequence[str], mixing: Mixing) -> None:
        self.names = tuple(names)
        self.mixing = mixing
        self.sampler: HybridBatchSampler | None = None

    def __call__(
        self, dataset: Any, batch_samplers: list[Any], generator: Any = None, seed: int = 0
    ) -> HybridBatchSampler:
        """Create the sampler; the signature is the trainer's."""
        self.sampler = HybridBatchSampler(
            dataset, batch_samplers, generator, seed, names=self.names, mixing=self.mixing
        )
        return self.sampler

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the sampler, and with it all rows: the trainer pickles its arguments into every checkpoint."""
        return {**self.__dict__, "sampler": None}
