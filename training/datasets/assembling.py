"""Rows of all sources -> one dataset per language and pair, and a held-out part."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

import numpy as np
from datasets import Dataset, DatasetDict, concatenate_datasets
from datasets.table import InMemoryTable

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
from training.datasets.row_dataset import RowDataset

logger = logging.getLogger(__name__)


def assemble(parts: Sequence[Dataset], *, least: int = 1) -> DatasetDict:
    """Sort the rows of all parts into `mono/de`, `cross/de-fr` and `simcse/de`.

    Args:
        parts: Pairs, and single sentences (rows without a positive).
        least: Languages with fewer groups of same-language pairs are left out, with a warning: they could not fill a
            batch of their own. Language pairs share batches, and stay.

    Raises:
        InputError: Pairs differ in their columns, or nothing is left.
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
        key: part for key, part in sorted(found_keys.items()) if kind_of(key) != MONO or len(set(part[GROUP])) >= least
    }
    if left_out := sorted(set(found_keys) - set(kept)):
        logger.warning("left out, with fewer than %d groups: %s", least, ", ".join(left_out))
    if not kept:
        raise InputError(
            f"no language has {least} groups of pairs: lower the batch size or add rows"
            if found_keys
            else "there are no rows to train on"
        )
    return DatasetDict(kept)


def _texts(part: Dataset) -> list[str]:
    return [name for name in part.column_names if name not in METADATA]


def _by_key(rows: Dataset, *, single: bool) -> dict[str, Dataset]:
    columns = rows.with_format("numpy")
    queries = np.asarray(columns[QUERY_LANGUAGE][:]).astype(str)
    passages = np.asarray(columns[PASSAGE_LANGUAGE][:]).astype(str)
    pairs = np.char.add(np.char.add(queries, " "), passages)
    names = [ANCHOR, *[name for name in _texts(rows) if name != ANCHOR], GROUP]
    table = rows.select_columns(names).with_format("arrow")[:]
    found: dict[str, Dataset] = {}
    for pair in np.unique(queries if single else pairs).tolist():
        chosen = np.flatnonzero((queries if single else pairs) == pair)
        query, _, passage = pair.partition(" ")
        key = dataset_key(query, None if single else passage)
        # A table of its own is read faster than a choice of rows.
        found[key] = RowDataset(InMemoryTable(table.take(chosen).combine_chunks()))
    return found


def hold_out(rows: Dataset, share: float, *, seed: int) -> tuple[Dataset, Dataset]:
    """Split by group, so that no group is on both sides: (for training, held out).

    Which side a group falls on follows from its name and the seed, not from the other rows.
    """
    if not 0.0 <= share < 1.0:
        raise InputError(f"a held-out share of {share}; expected 0 to below 1")
    limit = int(share * 2**32)
    verdicts: dict[str, bool] = {}
    held = np.zeros(len(rows), dtype=bool)
    for row, group in enumerate(rows[GROUP]):
        if group not in verdicts:
            digest = hashlib.blake2b(f"{seed}:{group}".encode("utf-8", "surrogatepass"), digest_size=4).digest()
            verdicts[group] = int.from_bytes(digest, "big") < limit
        held[row] = verdicts[group]
    return rows.select(np.flatnonzero(~held)), rows.select(np.flatnonzero(held))
