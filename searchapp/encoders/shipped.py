"""Load the encoders that are part of the package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from searchapp.encoders.base import Encoder
from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.static import StaticEncoder

BUILTIN, STATIC = "builtin", "static"
NAMES = (BUILTIN, STATIC)

TRANSFORMER_FOLDER = Path(__file__).parent / "multilingual"
STATIC_FOLDER = Path(__file__).parent / "static_weights"


class _SharedOnnxEncoder(OnnxEncoder):
    """The transformer, shared by all clients of a process."""

    def close(self) -> None:
        """Keep the model, because another client may use it."""


def load_shipped(name: str, *, fingerprint: str | None = None, threads: int | None = None) -> Encoder:
    """Load an encoder of the package; every call returns the same object.

    Args:
        name: `builtin`, the default encoder, or `static`.
        fingerprint: Fingerprint of the encoder that a collection was built with. `builtin` was another encoder in earlier
            versions, so the shipped encoder with this fingerprint is loaded, or without a match the one of this name.
        threads: Processor threads of the transformer; None for all available to the process.
    """
    transformer = TRANSFORMER_FOLDER if (TRANSFORMER_FOLDER / "model.onnx").is_file() else None
    static = name == STATIC or transformer is None
    found = _static(name if transformer is None else STATIC) if static else _transformer(name, threads)
    if fingerprint is None or found.fingerprint == fingerprint or transformer is None:
        return found
    other = _transformer(BUILTIN, threads) if static else _static(STATIC)
    return other if other.fingerprint == fingerprint else found


def shipped_folder(name: str) -> Path:
    """Return the folder of an encoder of the package.

    Args:
        name: `builtin` or `static`.
    """
    there = (TRANSFORMER_FOLDER / "model.onnx").is_file()
    return TRANSFORMER_FOLDER if name == BUILTIN and there else STATIC_FOLDER


def choice(name: str) -> str:
    """Describe in a sentence which shipped encoder is used and what the other offers; empty for other encoders.

    Args:
        name: Name given by the user.
    """
    if name not in NAMES or shipped_folder(BUILTIN) == STATIC_FOLDER:
        return ""
    if name == STATIC:
        return "encoder static: fast, matches words and their sounds; --encoder builtin understands paraphrases but is slower"
    return "encoder builtin: a multilingual transformer; --encoder static is many times as fast but misses paraphrases"


@lru_cache(maxsize=2)
def _static(name: str) -> Encoder:
    return StaticEncoder.load(STATIC_FOLDER, name=name)


@lru_cache(maxsize=2)
def _transformer(name: str, threads: int | None) -> Encoder:
    return _SharedOnnxEncoder.load(TRANSFORMER_FOLDER, name=name, threads=threads)
