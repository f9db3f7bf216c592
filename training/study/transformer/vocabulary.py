"""Trim a tokenizer to the pieces that the study's texts use most, so that the prepared file stays small."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.errors import ConfigurationError
from training.bases.trimming import count_pieces, pieces_to_keep


def trim(tokenizer: Tokenizer, texts: Iterable[str], *, most: int) -> tuple[Tokenizer, NDArray[np.int64]]:
    """Keep the pieces that texts use most, special tokens and single characters.

    Args:
        tokenizer: A unigram tokenizer.
        texts: Texts in which pieces are counted.
        most: Maximum number of pieces to keep.

    Returns:
        The smaller tokenizer, and the old id of each of its pieces.

    Raises:
        ConfigurationError: The tokenizer is not a unigram tokenizer.
    """
    layout: dict[str, Any] = json.loads(tokenizer.to_str())
    if layout["model"]["type"] != "Unigram":
        raise ConfigurationError(f"a {layout['model']['type']} tokenizer; expected a unigram one, as XLM-R's")
    vocabulary = layout["model"]["vocab"]
    specials = [token["content"] for token in layout["added_tokens"]]
    counts = count_pieces(tokenizer, texts, size=len(vocabulary))
    kept = pieces_to_keep([piece for piece, _ in vocabulary], counts, specials=specials, most=most)
    new_id = {int(old): new for new, old in enumerate(kept.tolist())}
    layout["model"]["vocab"] = [vocabulary[old] for old in kept.tolist()]
    layout["model"]["unk_id"] = new_id[layout["model"]["unk_id"]]
    for token in layout["added_tokens"]:
        token["id"] = new_id[token["id"]]
    for token in (layout["post_processor"] or {}).get("special_tokens", {}).values():
        token["ids"] = [new_id[old] for old in token["ids"]]
    return Tokenizer.from_str(json.dumps(layout)), kept
