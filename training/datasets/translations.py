"""Read translation groups from a Parquet file (`source`, `group`, `lang`, `text`), and create pairs from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from datasets import Dataset, concatenate_datasets
from numpy.typing import NDArray

from searchapp.errors import InputError
from searchapp.files.parquet import read_table
from searchapp.text.normalise import normalize
from training.columns import (
    ANCHOR,
    GROUP,
    PARALLEL,
    PASSAGE_LANGUAGE,
    POSITIVE,
    QUERY_LANGUAGE,
    SOURCE,
)
from training.datasets.parts import LEAST_SHARE, MOST_SHARE, cut_part
from training.datasets.row_dataset import arrow_dataset

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TranslationGroups:
    """Texts sorted by group; group `g` is rows `starts[g]` to `starts[g] + sizes[g]`, in different languages.

    Attributes:
        names: (groups,) `source:number`.
    """

    texts: list[str]
    languages: NDArray[np.str_]
    sources: NDArray[np.str_]
    names: NDArray[np.str_]
    starts: IntArray
    sizes: IntArray

    @property
    def group_of_row(self) -> IntArray:
        """Return the index of each row's group, (rows,)."""
        return np.repeat(np.arange(len(self.starts)), self.sizes)

    def column(self) -> pa.Array:
        """Return the texts as an Arrow array."""
        return pa.array(self.texts)

    def choose(self, groups: IntArray) -> TranslationGroups:
        """Keep the given groups.

        Args:
            groups: Numbers of the groups to keep, at least one, in the new order.
        """
        rows = np.concatenate([np.arange(self.starts[g], self.starts[g] + self.sizes[g]) for g in groups])
        sizes = self.sizes[groups]
        return TranslationGroups(
            texts=[self.texts[row] for row in rows],
            languages=self.languages[rows],
            sources=self.sources[rows],
            names=self.names[groups],
            starts=np.cumsum(sizes) - sizes,
            sizes=sizes,
        )


@dataclass(frozen=True, slots=True)
class Translations:
    """Texts in the form of the file, sorted by group; a group may contain several texts of one language.

    Attributes:
        texts: Texts; those of the same group are translations of each other.
        languages: (rows,) language of each text.
        groups: (rows,) number of each text's group, from 0, without gaps.
        sources: (rows,) source of each text.
    """

    texts: list[str]
    languages: NDArray[np.str_]
    groups: IntArray
    sources: NDArray[np.str_]


def read_translations(path: Path, *, sources: Sequence[str] = (), languages: Sequence[str] = ()) -> Translations:
    """Read groups of two or more texts, including paraphrases in one language.

    Args:
        path: Parquet file with `source`, `group`, `lang`, `text`.
        sources: Sources to keep; empty for all.
        languages: Languages to keep; empty for all.

    Raises:
        InputError: The file or one of its columns is missing, or no row is left.
    """
    table, group, language = _sorted_rows(path, sources=sources, languages=languages)
    _, numbers, counts = np.unique(group, return_inverse=True, return_counts=True)
    kept = counts[numbers] > 1
    return Translations(
        texts=table["text"].filter(pa.array(kept)).to_pylist(),
        languages=language[kept],
        groups=np.unique(numbers[kept], return_inverse=True)[1].astype(np.int64),
        sources=np.array(table["source"].filter(pa.array(kept)).to_pylist()),
    )


def read_groups(path: Path, *, sources: Sequence[str] = (), languages: Sequence[str] = ()) -> TranslationGroups:
    """Read groups with at least two languages, normalised; of several texts in one language the first is kept.

    Args:
        path: Parquet file with `source`, `group`, `lang`, `text`.
        sources: Sources to keep; empty for all.
        languages: Languages to keep; empty for all.

    Raises:
        InputError: The file or one of its columns is missing, or no group has two languages.
    """
    table, group, language = _sorted_rows(path, sources=sources, languages=languages)
    first = np.r_[True, (group[1:] != group[:-1]) | (language[1:] != language[:-1])]
    _, inverse, counts = np.unique(group[first], return_inverse=True, return_counts=True)
    kept = np.flatnonzero(first)[counts[inverse] > 1]
    if not len(kept):
        found = ", ".join(sorted(set(language.tolist()))[:10])
        raise InputError(f"no group has texts in two of the requested languages; there is {found}", path=path)
    table, group, language = table.take(kept), group[kept], language[kept]
    source = np.array(table["source"].to_pylist())
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    return TranslationGroups(
        texts=[normalize(text) for text in table["text"].to_pylist()],
        languages=language,
        sources=source,
        names=np.array([f"{source[row]}:{group[row]}" for row in starts]),
        starts=starts,
        sizes=np.diff(np.r_[starts, len(group)]),
    )


def _sorted_rows(
    path: Path, *, sources: Sequence[str], languages: Sequence[str]
) -> tuple[pa.Table, IntArray, NDArray[np.str_]]:
    """Read a file of translations, sorted by group and then language: its table, groups and languages."""
    table = read_table(path, ("source", "group", "lang", "text"), sources=sources, languages=languages)
    group, language = table["group"].to_numpy(), np.array(table["lang"].to_pylist())
    order = np.lexsort((language, group))
    return table.take(order), group[order], language[order]


def translation_pairs(groups: TranslationGroups, *, seed: int, per_text: int = 1, parallel: bool = False) -> Dataset:
    """Pair each text with `per_text` of its translations, in languages drawn at random.

    Args:
        groups: Translation groups to pair.
        seed: Seed for drawing the languages.
        per_text: Number of pairs per text.
        parallel: Add the passage in another language, for the language-bias loss.
    """
    anchors = np.repeat(np.arange(len(groups.texts)), per_text)
    rng = np.random.default_rng((seed, 1))
    positives = _others(groups, anchors, rng)
    return _dataset(groups, groups.column().take(pa.array(anchors)), anchors, positives, rng, parallel=parallel)


def part_pairs(groups: TranslationGroups, *, seed: int, kinds: Sequence[str], parallel: bool = False) -> Dataset:
    """Pair a part of each text, as the query, with the whole in the same language (`mono`), another (`cross`), or both.

    The parts are the same for both kinds, so that training sets of either differ only in the languages.

    Args:
        groups: Translation groups to pair.
        seed: Seed for the cuts and the other languages.
        kinds: `mono`, `cross` or both, in this order.
        parallel: Add the passage in another language, for the language-bias loss.
    """
    rows = np.arange(len(groups.texts))
    drawn = np.random.default_rng((seed, 2)).random((len(rows), 2))
    shares = LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * drawn[:, 0]
    parts = [
        cut_part(text, share=share, place=place)
        for text, share, place in zip(groups.texts, shares.tolist(), drawn[:, 1].tolist(), strict=True)
    ]
    found = []
    for kind in kinds:
        rng = np.random.default_rng((seed, 3))
        positives = rows if kind == "mono" else _others(groups, rows, rng)
        found.append(_dataset(groups, pa.array(parts), rows, positives, rng, parallel=parallel))
    return concatenate_datasets(found)


def _others(groups: TranslationGroups, rows: IntArray, rng: np.random.Generator) -> IntArray:
    """Return another row of its group for each row, drawn uniformly."""
    of = groups.group_of_row[rows]
    starts, sizes = groups.starts[of], groups.sizes[of]
    step = 1 + (rng.random(len(rows)) * (sizes - 1)).astype(np.int64)
    others: IntArray = starts + (rows - starts + step) % sizes
    return others


def _dataset(
    groups: TranslationGroups,
    anchors: pa.Array,
    rows: IntArray,
    positives: IntArray,
    rng: np.random.Generator,
    *,
    parallel: bool,
) -> Dataset:
    texts, languages = groups.column(), pa.array(groups.languages)
    columns = {ANCHOR: anchors, POSITIVE: texts.take(pa.array(positives))}
    if parallel:
        columns[PARALLEL] = texts.take(pa.array(_others(groups, positives, rng)))
    columns |= {
        GROUP: pa.array(groups.names).take(pa.array(groups.group_of_row[rows])),
        QUERY_LANGUAGE: languages.take(pa.array(rows)),
        PASSAGE_LANGUAGE: languages.take(pa.array(positives)),
        SOURCE: pa.array(groups.sources).take(pa.array(rows)),
    }
    return arrow_dataset(pa.table(columns))
