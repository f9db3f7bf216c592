"""Where training rows come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from searchapp.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source of rows.

    Attributes:
        path: A file, or with format `hub` a dataset's name.
        format: `questions` and `translations` (Parquet), `parts` (queries cut out of translations), `jsonl`,
            `flag-embedding`, `tevatron`, `hub`.
        name: Starts the groups of the rows and is counted in the model card; default: the file's stem.
        sources: Only rows of these sources, for Parquet; empty for all.
        languages: Only these, for Parquet; empty for all.
        language: Of all rows, for the other formats; None detects each text's.
        cross_lingual: Also make cross-lingual pairs from rows that share a group.
        per_text: Translations drawn for each text.
        negatives: Hard negatives per row.
        subset: The Hub dataset's configuration.
        split: The Hub dataset's split.
        columns: Which of the Hub dataset's columns are anchor, positive, negative and group.
        licence: Named in the model card.
    """

    path: str
    format: str
    name: str = ""
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    language: str | None = None
    cross_lingual: bool = False
    per_text: int = 1
    negatives: int = 0
    subset: str | None = None
    split: str = "train"
    columns: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""

    def __post_init__(self) -> None:
        for name, value, least in (("per_text", self.per_text, 1), ("negatives", self.negatives, 0)):
            if value < least:
                raise ConfigurationError(f"data.sources: {name} of {self.path} is {value}; expected {least} or more")
