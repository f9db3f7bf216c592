"""List model families whose folders often lack the prompts that they were trained with."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """The prompts and pooling of a family of models.

    Attributes:
        pattern: Regular expression for a model's lower-cased name.
        query: Prompt of queries.
        passage: Prompt of passages.
        pooling: Pooling if the folder has no modules.
    """

    name: str
    pattern: str
    query: str = ""
    passage: str = ""
    pooling: str = "mean"


_ENGLISH_QUERY = "Represent this sentence for searching relevant passages: "

FAMILIES = (
    Family("E5", r"\b(multilingual-)?e5-(small|base|large)(?!.*instruct)", "query: ", "passage: "),
    Family("BGE", r"\bbge-(small|base|large)-en-v1\.5", _ENGLISH_QUERY, "", "cls"),
    Family("BGE", r"\bbge-m3\b", pooling="cls"),
    Family("Arctic Embed", r"\bsnowflake-arctic-embed-(m|l)-v2", "query: ", "", "cls"),
    Family("Arctic Embed", r"\bsnowflake-arctic-embed", _ENGLISH_QUERY, "", "cls"),
    Family("Nomic Embed", r"\bnomic-embed-text", "search_query: ", "search_document: "),
    Family("GTE", r"\bgte-multilingual", pooling="cls"),
)


def family_of(*names: str) -> Family | None:
    """Return the family that a model belongs to by one of its names; None if unknown.

    Args:
        names: Names such as a Hub name, the name in `config.json` or a folder's name.
    """
    for name in names:
        for family in FAMILIES:
            if re.search(family.pattern, name.lower()):
                return family
    return None
