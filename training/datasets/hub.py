"""Read a dataset of the Hugging Face Hub, or of a folder that `datasets.load_dataset` reads."""

from __future__ import annotations

from collections.abc import Mapping

from datasets import Dataset, load_dataset

from searchapp.errors import InputError
from training.columns import ANCHOR, GROUP, NEGATIVE, POSITIVE
from training.datasets.languages import LanguageOf
from training.datasets.rows import RowBuilder


def read_hub(
    name: str,
    *,
    source: str,
    language_of: LanguageOf,
    subset: str | None = None,
    split: str = "train",
    columns: Mapping[str, str] | None = None,
    negatives: int = 0,
) -> Dataset:
    """Read pairs from a dataset on the Hugging Face Hub.

    Args:
        name: Name of the dataset, such as `sentence-transformers/mldr`, or a folder.
        source: Name of the source, kept with its rows.
        language_of: Returns the languages of a row's texts.
        subset: Configuration of the dataset, often a language.
        split: Split of the dataset.
        columns: Columns for `anchor`, `positive`, `negative` and `group`; default: the columns of these names.
        negatives: Number of negatives to read per row.

    Raises:
        InputError: The dataset cannot be loaded, or lacks these columns.
    """
    try:
        rows = load_dataset(name, subset, split=split)
    except Exception as error:  # no connection, wrong name, wrong split: many types
        raise InputError(
            f"cannot be loaded ({error}); connect to the Hub, or give a local folder", path=name
        ) from error
    column = {ANCHOR: ANCHOR, POSITIVE: POSITIVE, NEGATIVE: NEGATIVE, GROUP: GROUP, **(columns or {})}
    if absent := [column[key] for key in (ANCHOR, POSITIVE) if column[key] not in rows.column_names]:
        raise InputError(
            f"no column {' or '.join(absent)}; it has {', '.join(rows.column_names)}: map them with `columns`",
            path=name,
        )
    builder = RowBuilder(source, negatives=negatives)
    for number, row in enumerate(rows):
        hard = row.get(column[NEGATIVE]) or []
        anchor, positive = str(row[column[ANCHOR]]), str(row[column[POSITIVE]])
        builder.add(
            anchor,
            positive,
            languages=(language_of(anchor), language_of(positive)),
            group=str(row.get(column[GROUP], f"row {number}")),
            negatives=[hard] if isinstance(hard, str) else list(hard),
        )
    return builder.dataset(name)
