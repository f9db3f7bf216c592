"""Trim a vocabulary to the pieces that the texts of some languages use.

Each piece costs a row of word embeddings. Four fifths of a small multilingual model are such rows, mostly for languages that
a collection does not contain. Text that needs a dropped piece is split into shorter ones. All single characters are kept, so
nothing becomes unknown that was known before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.errors import InputError

BATCH = 8192
SPACE = "▁"


@dataclass(frozen=True, slots=True)
class TrimmingCost:
    """The effect of trimming on held-out texts.

    Attributes:
        texts: Number of texts.
        changed: Share of the texts whose tokens changed.
        longer: Number of tokens afterwards / before, over all texts.
    """

    texts: int
    changed: float
    longer: float


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str], *, size: int) -> NDArray[np.int64]:
    """Count how often texts use each piece.

    Args:
        tokenizer: Tokenizer with the whole vocabulary.
        texts: Texts, read once, a batch at a time.
        size: Number of pieces in the vocabulary.

    Returns:
        (size,) counts, by id.
    """
    counts = np.zeros(size, dtype=np.int64)
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH)):
        encodings = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        counts += np.bincount(np.concatenate([encoding.ids for encoding in encodings]).astype(np.int64), minlength=size)
    return counts


def pieces_to_keep(
    pieces: Sequence[str],
    counts: NDArray[np.int64],
    *,
    specials: Sequence[str],
    least: int = 1,
    most: int | None = None,
) -> NDArray[np.int64]:
    """Choose the pieces to keep: special tokens, single characters, and frequently used ones.

    Args:
        pieces: Text of each id.
        counts: (pieces,) uses of each.
        specials: Tokens that are always kept.
        least: Minimum uses of a piece to keep.
        most: Maximum number of pieces; the least used are dropped, but never special tokens or single characters.

    Returns:
        Ids to keep, ascending, so that frequent pieces keep small numbers.

    Raises:
        InputError: There are more special tokens and single characters than `most`.
    """
    always = {*specials}
    forced = np.array([text in always or len(text.replace(SPACE, "", 1)) <= 1 for text in pieces])
    wanted = forced | (counts >= least)
    if most is not None and int(wanted.sum()) > most:
        room = most - int(forced.sum())
        if room < 0:
            raise InputError(
                f"{int(forced.sum()):,} pieces are special tokens or single characters, more than the {most:,} that may "
                "stay: allow more"
            )
        others = np.flatnonzero(wanted & ~forced)
        wanted = forced.copy()
        wanted[others[np.argsort(-counts[others], kind="stable")[:room]]] = True
    kept: NDArray[np.int64] = np.flatnonzero(wanted)
    return kept


def trimming_cost(before: Tokenizer, after: Tokenizer, kept: NDArray[np.int64], texts: Sequence[str]) -> TrimmingCost:
    """Compare two tokenizers on texts.

    Args:
        before: Tokenizer with the whole vocabulary.
        after: Tokenizer with the trimmed one.
        kept: Old id of each new one.
        texts: Texts other than those in which pieces were counted.
    """
    changed, old_length, new_length = 0, 0, 0
    for old, new in zip(before.encode_batch(list(texts)), after.encode_batch(list(texts)), strict=True):
        changed += old.ids != kept[new.ids].tolist()
        old_length += len(old.ids)
        new_length += len(new.ids)
    return TrimmingCost(texts=len(texts), changed=changed / max(len(texts), 1), longer=new_length / max(old_length, 1))
