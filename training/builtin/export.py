"""Token vectors to the files that ship: int8 rows with a scale each, tokenizer, spelling table, configuration."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.encoders.sounds import Sounds
from searchapp.encoders.static import FORMAT

LICENSE = "CC-BY-SA-4.0"
"""The strictest licence among the data (see the model card)."""
VERSION = "2"


def quantize(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round each row to int8 with its own scale: (vocabulary, dimension) and (vocabulary,)."""
    scales = np.abs(vectors).max(axis=1) / 127.0
    safe = np.where(scales > 0, scales, 1.0)
    return np.rint(vectors / safe[:, None]).astype(np.int8), scales.astype(np.float32)


def export(
    vectors: NDArray[np.float32], tokenizer: Tokenizer, sounds: Sounds, out: Path, *, context_weight: float
) -> None:
    """Write what `searchapp.encoders.static.StaticEncoder.load` reads."""
    out.mkdir(parents=True, exist_ok=True)
    rows, scales = quantize(vectors)
    np.save(out / "vectors.npy", rows)
    np.save(out / "scales.npy", scales)
    np.save(out / "spelling.npy", sounds.spelling)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    config = {
        "format": FORMAT,
        "dimension": int(rows.shape[1]),
        "prefixes": sounds.prefixes,
        "consonants": sounds.consonants,
        "context_weight": context_weight,
        "normalizer": "NFKC, lower case",
        "license": LICENSE,
        "version": VERSION,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
