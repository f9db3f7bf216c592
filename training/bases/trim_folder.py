"""Trim the vocabulary of a model folder: its tokenizer and its word embeddings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.errors import InputError
from searchapp.files.json_file import read_json, write_json
from training.bases.model_folders import new_folder
from training.bases.trimming import count_pieces, pieces_to_keep

WEIGHTS = "model.safetensors"
WORDS = "embeddings.word_embeddings.weight"
POSITIONS = "embeddings.position_embeddings.weight"
FROM_PADDING = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "xmod")
LEFT = (WEIGHTS, "pytorch_model*.bin", "*.onnx*", "onnx", "openvino", "sentencepiece*.model", "calibration.json")
"""Files that are not copied: other weights, and files that contain the whole vocabulary."""


def trim_folder(
    source: Path, target: Path, texts: Iterable[str], *, least: int = 1, most: int | None = None
) -> NDArray[np.int64]:
    """Copy a model with only the pieces that texts use, chosen by `training.bases.trimming`.

    Args:
        source: A sentence-transformers folder with `model.safetensors` and the `tokenizer.json` of a unigram model.
        target: The new folder; it must not exist.
        texts: Texts in which pieces are counted.
        least: Minimum uses of a piece to keep.
        most: Maximum number of pieces to keep; None for no limit.

    Returns:
        (pieces kept,) old id of each new one.

    Raises:
        InputError: The folder does not contain such a model, or the target exists.
    """
    with new_folder(target) as folder:
        return _trim(source, folder, texts, least=least, most=most)


def _trim(source: Path, target: Path, texts: Iterable[str], *, least: int, most: int | None) -> NDArray[np.int64]:
    path = source / "tokenizer.json"
    description = read_json(path)
    if (kind := description.get("model", {}).get("type")) != "Unigram":
        raise InputError(
            f"a tokenizer of type {kind}; expected Unigram, whose pieces can be left out one by one", path=path
        )
    pieces = [text for text, _ in description["model"]["vocab"]]
    specials = [token["content"] for token in description["added_tokens"]]
    # Some tokenizers number their special tokens after the model's pieces.
    pieces += [token["content"] for token in description["added_tokens"] if token["id"] >= len(pieces)]
    counts = count_pieces(Tokenizer.from_file(str(path)), texts, size=len(pieces))
    kept = pieces_to_keep(pieces, counts, specials=specials, least=least, most=most)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT), dirs_exist_ok=True)
    text = json.dumps(trimmed_description(description, kept), ensure_ascii=False)
    (target / "tokenizer.json").write_text(text, encoding="utf-8")
    _trim_weights(source, target, kept)
    return kept


def trimmed_description(description: dict[str, Any], kept: NDArray[np.int64]) -> dict[str, Any]:
    """Keep some pieces of a `tokenizer.json` and renumber its special tokens.

    Args:
        description: The parsed file, which is not changed.
        kept: Ids of the pieces to keep, ascending.
    """
    new = {int(old): number for number, old in enumerate(kept.tolist())}
    changed: dict[str, Any] = json.loads(json.dumps(description))
    vocabulary = changed["model"]["vocab"]
    changed["model"]["vocab"] = [vocabulary[row] for row in kept.tolist() if row < len(vocabulary)]
    changed["model"]["unk_id"] = new[changed["model"]["unk_id"]]
    for token in changed["added_tokens"]:
        token["id"] = new[token["id"]]
    for token in ((changed.get("post_processor") or {}).get("special_tokens") or {}).values():
        token["ids"] = [new[number] for number in token["ids"]]
    if changed.get("padding"):
        changed["padding"]["pad_id"] = new[changed["padding"]["pad_id"]]
    return changed


def _trim_weights(source: Path, target: Path, kept: NDArray[np.int64]) -> None:
    from safetensors.numpy import load_file, save_file

    path = source / WEIGHTS
    if not path.is_file():
        raise InputError(
            f"no {WEIGHTS}: expected a model that torch loads; trim first, then export it to ONNX", path=source
        )
    weights = load_file(path)
    names = [name for name in weights if name.endswith(WORDS)]
    if len(names) != 1:
        raise InputError(f"{len(names)} tensors named {WORDS}; expected one", path=path)
    weights[names[0]] = np.ascontiguousarray(weights[names[0]][kept])
    new = {int(old): number for number, old in enumerate(kept.tolist())}
    dropped = _positions_before(source, new)
    if dropped:
        (name,) = [name for name in weights if name.endswith(POSITIONS)]
        weights[name] = np.ascontiguousarray(weights[name][dropped:])
    save_file(weights, target / WEIGHTS, metadata={"format": "pt"})
    _renumber(target, new, dropped=dropped)


def _positions_before(source: Path, new: dict[int, int]) -> int:
    """Count the position embeddings to drop: RoBERTa counts positions from the padding id, which may become smaller."""
    config = read_json(source / "config.json")
    padding = config.get("pad_token_id")
    return padding - new[padding] if config.get("model_type") in FROM_PADDING and padding in new else 0


def _renumber(target: Path, new: dict[int, int], *, dropped: int) -> None:
    """Write the new ids of special tokens and the new sizes into the configuration."""
    path = target / "config.json"
    config = read_json(path) | {"vocab_size": len(new)}
    for name, value in config.items():
        if name.endswith("_token_id") and value in new:
            config[name] = new[value]
    if dropped:
        config["max_position_embeddings"] -= dropped
    write_json(path, config)
    path = target / "tokenizer_config.json"
    settings = read_json(path) if path.is_file() else {}
    if added := settings.get("added_tokens_decoder"):
        settings["added_tokens_decoder"] = {str(new[int(old)]): token for old, token in added.items()}
        write_json(path, settings)
