"""Configure the sources of training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from training.config.values import STRICT, AtLeastOne, Count


@dataclass(frozen=True, slots=True, config=STRICT)
class SourceConfig:
    """A source of rows.

    Attributes:
        path: A file, or with format `hub` a dataset's name.
        format: `questions` and `translations` (Parquet), `parts` (queries cut out of translations), `jsonl`,
            `flag-embedding`, `tevatron`, `hub`.
        name: Prefix of the rows' groups, also listed in the model card; default: the file's stem.
        sources: Sources to keep, for Parquet; empty for all.
        languages: Languages to keep, for Parquet; empty for all.
        language: Language of all rows, for the other formats; None detects that of each text.
        cross_lingual: Also create cross-lingual pairs from rows of the same group.
        per_text: Number of translations drawn for each text.
        negatives: Number of hard negatives per row.
        subset: Configuration of the Hub dataset.
        split: Split of the Hub dataset.
        columns: Columns of the Hub dataset for anchor, positive, negative and group.
        licence: Licence, named in the model card.
    """

    path: str
    format: Literal["questions", "translations", "parts", "jsonl", "flag-embedding", "tevatron", "hub"]
    name: str = ""
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    language: str | None = None
    cross_lingual: bool = False
    per_text: AtLeastOne = 1
    negatives: Count = 0
    subset: str | None = None
    split: str = "train"
    columns: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
