"""Collect rows one at a time for the readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets import Dataset

from searchapp.errors import InputError
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize
from training.columns import (
    ANCHOR,
    GROUP,
    NEGATIVE,
    PASSAGE_LANGUAGE,
    POSITIVE,
    QUERY_LANGUAGE,
    SOURCE,
)


def negative_columns(count: int) -> list[str]:
    """Name the columns of the hard negatives: negative, negative_2 and so on.

    Args:
        count: Number of hard negatives per row; 0 gives no names.
    """
    return [NEGATIVE if number == 1 else f"{NEGATIVE}_{number}" for number in range(1, count + 1)]


@dataclass(slots=True)
class RowBuilder:
    """Collects rows of one source and creates a `Dataset` of them; texts are normalised as everywhere else.

    Args:
        source: Name of the source, stored with the rows and used as the prefix of their groups.
        negatives: Hard negatives per row. Additional ones are dropped; rows with fewer are counted in `short`.
    """

    source: str
    negatives: int = 0
    short: int = 0
    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(
        self,
        anchor: str,
        positive: str | None,
        *,
        languages: tuple[str, str],
        group: str,
        negatives: Sequence[str] = (),
    ) -> None:
        """Add a pair or a single sentence. Rows with empty texts or too few negatives are skipped and counted in `short`.

        Args:
            anchor: Query, or the sentence.
            positive: Its passage; None for a single sentence.
            languages: BCP 47 codes of the anchor and of the positive.
            group: Name of the group without the source. Rows of one group are never in the same batch.
            negatives: Hard negatives, best first; additional ones are dropped.
        """
        texts = [anchor, *([] if positive is None else [positive]), *negatives[: self.negatives]]
        texts = [normalize(text).strip() for text in texts]
        if len(negatives) < self.negatives or not all(texts):
            self.short += 1
            return
        names = [ANCHOR, *([] if positive is None else [POSITIVE]), *negative_columns(self.negatives)]
        metadata = {
            GROUP: f"{self.source}:{group}",
            QUERY_LANGUAGE: canonical(languages[0]),
            PASSAGE_LANGUAGE: canonical(languages[1]),
            SOURCE: self.source,
        }
        for name, value in [*zip(names, texts, strict=True), *metadata.items()]:
            self.columns.setdefault(name, []).append(value)

    def dataset(self, path: Any) -> Dataset:
        """Make the dataset.

        Args:
            path: File of the source, for the message.

        Raises:
            InputError: There are no rows.
        """
        if not self.columns:
            why = f"{self.short} rows lack a text or {self.negatives} hard negatives" if self.short else "it is empty"
            raise InputError(f"no usable row: {why}", path=path)
        return Dataset.from_dict(self.columns)
