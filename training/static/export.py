"""Write the files of the shipped encoder: four-bit rows with a scale each, tokenizer, spelling table, configuration."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.encoders.sounds import Sounds
from searchapp.encoders.static import FORMAT

LICENSE = "CC-BY-SA-4.0"
"""The strictest licence of the data (see the model card)."""
VERSION = "3"


SHRINK = np.linspace(0.5, 1.0, 11, dtype=np.float32)
"""Fractions of a row's largest number to try as the limit: clipping it makes the steps finer."""


def quantize(vectors: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Round each row to four bits per number, two numbers per byte, with the scale of least squared error.

    Args:
        vectors: (vocabulary, dimension) token vectors; the dimension is even.

    Returns:
        (vocabulary, dimension / 2), the first number of a pair in the low half, and (vocabulary,) scales.
    """
    widest = np.abs(vectors).max(axis=1) / 7.0
    best = np.full(len(vectors), np.inf, dtype=np.float32)
    rounded = np.zeros(vectors.shape, dtype=np.uint8)
    scales = np.zeros(len(vectors), dtype=np.float32)
    for share in SHRINK:
        scale = widest * share
        steps = np.rint(vectors / np.where(scale > 0, scale, 1.0)[:, None]).clip(-8, 7)
        error = np.square(steps * scale[:, None] - vectors).sum(axis=1)
        better = error < best
        best[better], scales[better] = error[better], scale[better]
        rounded[better] = (steps[better] + 8).astype(np.uint8)
    packed: NDArray[np.uint8] = rounded[:, ::2] | (rounded[:, 1::2] << 4).astype(np.uint8)
    return packed, scales


def export(
    vectors: NDArray[np.float32], tokenizer: Tokenizer, sounds: Sounds, out: Path, *, context_weight: float
) -> None:
    """Write the files that `searchapp.encoders.static.StaticEncoder.load` reads.

    Args:
        vectors: (vocabulary, dimension) token vectors with their weights multiplied in.
        tokenizer: Trained tokenizer, whose pieces come first in the vocabulary.
        sounds: Hashes the sounds, which come after the pieces.
        out: Folder to write to; created if it does not exist.
        context_weight: Weight of a context's vector in the shipped encoder, relative to the passage's 1.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows, scales = quantize(vectors)
    np.save(out / "vectors.npy", rows)
    np.save(out / "scales.npy", scales)
    np.save(out / "spelling.npy", sounds.spelling)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    config = {
        "format": FORMAT,
        "dimension": 2 * int(rows.shape[1]),
        "prefixes": sounds.prefixes,
        "consonants": sounds.consonants,
        "context_weight": context_weight,
        "normalizer": "NFKC, lower case",
        "license": LICENSE,
        "version": VERSION,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
