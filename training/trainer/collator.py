"""Pass only the texts of rows to the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sentence_transformers.sentence_transformer.data_collator import SentenceTransformerDataCollator

from training.columns import METADATA


@dataclass
class RowCollator(SentenceTransformerDataCollator):  # type: ignore[misc]
    """sentence-transformers' collator for rows without their group, languages and source."""

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        """Tokenize the text columns of a batch."""
        texts = [{name: value for name, value in row.items() if name not in METADATA} for row in features]
        batch: dict[str, Any] = super().__call__(texts)
        return batch
