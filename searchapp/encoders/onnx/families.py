"""Model families whose folders often lack the prompts that they were trained with."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of models expects.

    Attributes:
        pattern: Regular expression that a model's name contains, lower case.
        query: Prompt of queries.
        passage: Prompt of passages.
        pooling: Used where the folder has no modules.
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
    """Return the family that one of a model's names tells, None for an unknown one.

    Args:
        names: Such as a Hub name, the name in `config.json`, a folder's name.
    """
    for name in names:
        for family in FAMILIES:
            if re.search(family.pattern, name.lower()):
                return family
    return None
