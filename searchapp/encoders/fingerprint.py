"""Compute the fingerprint of a sentence-transformers model. Equal fingerprints mean interchangeable vectors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Settings that change the vectors, under names that do not depend on a library's version.
ARCHITECTURE = ("model_type", "num_attention_heads", "num_key_value_heads", "hidden_act", "position_embedding_type")
# Not OpenVINO's .xml: its node names change with every export, unlike its weights.
WEIGHT_FILES = {".onnx", ".onnx_data", ".data", ".bin"}


def model_fingerprint(model: Any) -> str:
    """Hash weights, tokenizer, prompts, module layout and maximum length of a `SentenceTransformer`.

    A model has the same fingerprint whether it comes from a folder, the Hub or memory. ONNX and OpenVINO files are hashed
    as files: their vectors are close to torch's but not equal, and those of a quantised file are not close.

    Args:
        model: A `sentence_transformers.SentenceTransformer`.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in _parts(model):
        digest.update(part)
    return digest.hexdigest()


def _parts(model: Any) -> Iterator[bytes]:
    yield from _weights(model)
    yield _tokenizer(model.tokenizer).encode("utf-8", "surrogatepass")
    layout = {
        "modules": [_module(module) for module in model],
        "prompts": {key: value for key, value in model.prompts.items() if value},
        "max_length": model.max_seq_length,
        "truncate": model.truncate_dim,
        "backend": model.get_backend(),
    }
    yield json.dumps(layout, sort_keys=True, default=str).encode()


def _weights(model: Any) -> Iterator[bytes]:
    for key, tensor in sorted(model.state_dict().items()):
        yield key.encode()
        # A view as bytes, because NumPy has no bfloat16.
        flat = tensor.detach().cpu().contiguous().flatten()
        yield flat.view(_uint8()).numpy().data
    if model.get_backend() != "torch":
        for file in _backend_files(model[0].auto_model):
            yield file.name.encode()
            yield file.read_bytes()


def _uint8() -> Any:
    import torch

    return torch.uint8


def _backend_files(session: Any) -> list[Path]:
    for attribute in ("path", "model_path", "_model_path", "model_save_dir"):
        place = getattr(session, attribute, None)
        if place is not None and Path(place).exists():
            folder = Path(place) if Path(place).is_dir() else Path(place).parent
            stem = None if Path(place).is_dir() else Path(place).stem
            files = (file for file in folder.iterdir() if file.suffix in WEIGHT_FILES)
            return sorted(file for file in files if stem is None or file.name.startswith(stem))
    return []


def _tokenizer(tokenizer: Any) -> str:
    backend = getattr(tokenizer, "backend_tokenizer", None) or tokenizer
    if hasattr(backend, "to_str"):
        state = json.loads(backend.to_str())
        # Set per call from the length of the batch, so not a property of the tokenizer.
        state.pop("truncation", None)
        state.pop("padding", None)
        return json.dumps(state, sort_keys=True, ensure_ascii=False)
    return json.dumps(tokenizer.get_vocab(), sort_keys=True, ensure_ascii=False)


def _module(module: Any) -> list[Any]:
    config = getattr(getattr(module, "auto_model", None), "config", None)
    architecture = {field: getattr(config, field, None) for field in ARCHITECTURE} if config is not None else {}
    return [type(module).__name__, architecture, _pooling(module)]


def _pooling(module: Any) -> str:
    # A method up to sentence-transformers 5; an attribute (one name or several) from 6 on.
    if hasattr(module, "get_pooling_mode_str"):
        return str(module.get_pooling_mode_str())
    mode = getattr(module, "pooling_mode", "")
    return mode if isinstance(mode, str) else "+".join(mode)
