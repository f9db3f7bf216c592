"""Name the columns that every reader creates, and the datasets of a `DatasetDict`."""

from __future__ import annotations

ANCHOR = "anchor"
POSITIVE = "positive"
NEGATIVE = "negative"
PARALLEL = "parallel"
"""The positive in another language, for the language-bias loss."""
LABEL = "label"
"""The teacher's embedding, for distillation."""

GROUP = "group"
"""Rows of the same group are translations of each other or about the same item, so a batch never contains two of them."""
QUERY_LANGUAGE = "query_language"
PASSAGE_LANGUAGE = "passage_language"
SOURCE = "source"

METADATA = (GROUP, QUERY_LANGUAGE, PASSAGE_LANGUAGE, SOURCE)
"""Columns that stay with the rows but are not passed to the model."""

MONO = "mono"
CROSS = "cross"
SIMCSE = "simcse"
DISTILL = "distill"
KINDS = (MONO, CROSS, SIMCSE, DISTILL)


def dataset_key(query_language: str, passage_language: str | None) -> str:
    """Name the dataset of a pair: `mono/de`, `cross/de-fr`, or `simcse/de` without a passage.

    Args:
        query_language: BCP 47 code of the anchor's language.
        passage_language: BCP 47 code of the positive's language; None for single sentences.
    """
    if passage_language is None:
        return f"{SIMCSE}/{query_language}"
    if query_language == passage_language:
        return f"{MONO}/{query_language}"
    return f"{CROSS}/{query_language}-{passage_language}"


def kind_of(key: str) -> str:
    """Return the part of a dataset's name before the slash.

    Args:
        key: Name of a dataset, such as `cross/de-fr`.
    """
    return key.split("/", 1)[0]
