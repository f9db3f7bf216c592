"""Sort the rows of all sources into one dataset per language and pair, and hold out a part."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

import numpy as np
from datasets import Dataset, DatasetDict, concatenate_datasets

from searchapp.errors import InputError
from training.columns import (
    ANCHOR,
    GROUP,
    METADATA,
    MONO,
    PASSAGE_LANGUAGE,
    POSITIVE,
    QUERY_LANGUAGE,
    dataset_key,
    kind_of,
)
from training.datasets.row_dataset import arrow_dataset, coded_column, column_of

logger = logging.getLogger(__name__)


def assemble(parts: Sequence[Dataset], *, least: int = 1) -> DatasetDict:
    """Sort the rows of all parts into `mono/de`, `cross/de-fr` and `simcse/de`.

    Args:
        parts: Pairs, and single sentences (rows without a positive).
        least: Minimum groups of same-language pairs of a language. Languages with fewer could not fill a batch and are left
            out with a warning. Language pairs share batches and are kept.

    Raises:
        InputError: The pairs have different columns, or no rows remain.
    """
    sentences = [part for part in parts if POSITIVE not in part.column_names]
    pairs = [part for part in parts if POSITIVE in part.column_names]
    layouts = {tuple(_texts(part)) for part in pairs}
    if len(layouts) > 1:
        found = "; ".join(", ".join(layout) for layout in sorted(layouts))
        raise InputError(
            f"the pairs differ in their columns ({found}), but rows of one batch must have the same: set `negatives` to "
            "what all sources have"
        )
    found_keys: dict[str, Dataset] = {}
    for rows, single in ((pairs, False), (sentences, True)):
        if rows:
            found_keys |= _by_key(concatenate_datasets(rows), single=single)
    kept = {
        key: part
        for key, part in sorted(found_keys.items())
        if kind_of(key) != MONO or len(set(column_of(part, GROUP))) >= least
    }
    if left_out := sorted(set(found_keys) - set(kept)):
        logger.warning("left out, with fewer than %d groups: %s", least, ", ".join(left_out))
    if not kept:
        if not found_keys:
            raise InputError("there are no rows to train on")
        sizes = {key: len(set(column_of(part, GROUP))) for key, part in found_keys.items()}
        largest = max(sizes, key=lambda key: sizes[key])
        raise InputError(
            f"no language has {least} groups: batch.size (or batch.least) is {least}; expected at most {sizes[largest]}, the "
            f"groups of {largest}, which has most: lower it, or add rows"
        )
    return DatasetDict(kept)


def _texts(part: Dataset) -> list[str]:
    return [name for name in part.column_names if name not in METADATA]


def _by_key(rows: Dataset, *, single: bool) -> dict[str, Dataset]:
    """Sort rows by language or language pair in one pass."""
    names = [ANCHOR, *[name for name in _texts(rows) if name != ANCHOR], GROUP]
    table = rows.with_format("arrow")[:]
    spoken = [coded_column(table, name) for name in (QUERY_LANGUAGE, PASSAGE_LANGUAGE)]
    (queries, query_names), (passages, passage_names) = spoken
    pairs = queries if single else queries * len(passage_names) + passages
    order = np.argsort(pairs, kind="stable")
    present, starts = np.unique(pairs[order], return_index=True)
    ordered = table.select(names).take(order)
    found: dict[str, Dataset] = {}
    for pair, start, end in zip(present.tolist(), starts.tolist(), [*starts.tolist()[1:], len(order)], strict=True):
        query, passage = (pair, None) if single else divmod(pair, len(passage_names))
        key = dataset_key(query_names[query], None if passage is None else passage_names[passage])
        # A separate table is faster to read than a selection of rows.
        found[key] = arrow_dataset(ordered.slice(start, end - start), name=key)
    return found


def hold_out(rows: Dataset, share: float, *, seed: int) -> tuple[Dataset, Dataset]:
    """Split by group into rows for training and held-out rows, so that no group is in both.

    The side of a group depends on its name and the seed, not on the other rows.

    Args:
        rows: Rows with a `group`; may be empty.
        share: Share of the groups to hold out, from 0 to below 1.
        seed: Seed of the sides.

    Raises:
        InputError: The share is not in the range.
    """
    if not 0.0 <= share < 1.0:
        raise InputError(f"a held-out share of {share}; expected 0 to below 1")
    limit = int(share * 2**32)
    of_row, groups = coded_column(rows.with_format("arrow")[:], GROUP) if len(rows) else (np.zeros(0, np.int64), [])
    digests = (
        hashlib.blake2b(f"{seed}:{group}".encode("utf-8", "surrogatepass"), digest_size=4).digest() for group in groups
    )
    verdicts = np.array([int.from_bytes(digest, "big") < limit for digest in digests], dtype=bool)
    held = verdicts[of_row] if len(verdicts) else np.zeros(0, dtype=bool)
    return rows.select(np.flatnonzero(~held)), rows.select(np.flatnonzero(held))
