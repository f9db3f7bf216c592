"""Read how a folder's model turns token embeddings into one embedding, and reject what needs torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searchapp.encoders.onnx.families import Family, family_of
from searchapp.encoders.onnx.pooling import POOLINGS
from searchapp.errors import EncoderError, UnsupportedModelError

OWN_FILE = "searchapp.json"
"""File for settings that sentence-transformers does not have: how a passage's context enters its embedding."""

_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_OFFSET_POSITIONS = {"roberta", "xlm-roberta", "camembert", "mpnet", "xlm-roberta-xl", "xmod"}
"""Model types whose first two positions are reserved for padding."""

_NO_LIMIT = 10**9
"""Length from which a tokenizer's limit is ignored: tokenizers without a limit state a huge one."""


@dataclass(frozen=True, slots=True)
class EmbeddingConfiguration:
    """How a text becomes an embedding.

    Attributes:
        pooling: Names of poolings, whose outputs are concatenated.
        max_length: Tokens that the model reads at once, including special tokens.
        query_prompt: Text put before each query.
        passage_prompt: Text put before each passage.
        lower_case: Whether texts are lower-cased first.
        title_characters: Maximum length of a context that is put before its passage, like a title.
        context_weight: Weight of a longer context's embedding, relative to the passage's 1.
        notes: Assumptions made where the folder gives no information.
    """

    pooling: tuple[str, ...]
    max_length: int
    query_prompt: str = ""
    passage_prompt: str = ""
    lower_case: bool = False
    title_characters: int = 0
    context_weight: float = 0.0
    notes: tuple[str, ...] = ()


def read_configuration(folder: Path, *, name: str) -> EmbeddingConfiguration:
    """Read a folder's configuration files.

    Args:
        folder: Folder of a sentence-transformers model or a plain transformers model.
        name: Name given by the user; identifies known families if the files lack prompts or pooling.

    Raises:
        EncoderError: A file is damaged, or asks for something that cannot be reproduced without torch.
    """
    architecture = _read(folder / "config.json")
    family = family_of(name, str(architecture.get("_name_or_path", "")), folder.name)
    notes: list[str] = []
    pooling = _pooling(folder, family, notes)
    query, passage = _prompts(folder, family, notes)
    own = _read(folder / OWN_FILE)
    try:
        title_characters, context_weight = int(own.get("title_characters", 0)), float(own.get("context_weight", 0.0))
    except (TypeError, ValueError) as error:
        raise EncoderError(f"{folder / OWN_FILE}: {error}; expected numbers") from error
    return EmbeddingConfiguration(
        pooling=pooling,
        max_length=_max_length(folder, architecture),
        query_prompt=query,
        passage_prompt=passage,
        lower_case=bool(_read(folder / "sentence_bert_config.json").get("do_lower_case", False)),
        title_characters=title_characters,
        context_weight=context_weight,
        notes=tuple(notes),
    )


def _pooling(folder: Path, family: Family | None, notes: list[str]) -> tuple[str, ...]:
    modules = _read_list(folder / "modules.json")
    if not modules:
        pooling = family.pooling if family is not None else "mean"
        reason = f"as {family.name} models do" if family is not None else "as sentence-transformers assumes"
        notes.append(f"{folder.name} has no modules.json: {pooling} pooling, {reason}")
        return (pooling,)
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise UnsupportedModelError(
            f"{folder / 'modules.json'}: modules {', '.join(kinds)}; expected Transformer, Pooling and perhaps Normalize. "
            "Load it with backend 'torch' (pip install 'searchapp[transformers]')"
        )
    path = folder / str(modules[1].get("path", "")) / "config.json"
    found = _read(path)
    if not found:
        raise EncoderError(f"{path}: missing or empty; expected the pooling's configuration")
    if found.get("include_prompt", True) is False:
        raise UnsupportedModelError(f"{path}: prompts are left out of the pooling, which only backend 'torch' does")
    names = tuple(pooling for flag, pooling in _FLAGS.items() if found.get(flag))
    mode = found.get("pooling_mode", names)
    chosen = tuple(mode.split("+")) if isinstance(mode, str) else tuple(str(one) for one in mode)
    if not chosen or (unknown := [one for one in chosen if one not in POOLINGS]):
        asked = ", ".join(unknown) if chosen else "none"
        raise UnsupportedModelError(f"{path}: pooling {asked}; expected one of {', '.join(POOLINGS)}")
    return chosen


def _prompts(folder: Path, family: Family | None, notes: list[str]) -> tuple[str, str]:
    path = folder / "config_sentence_transformers.json"
    found = _read(path)
    if found.get("truncate_dim"):
        raise UnsupportedModelError(
            f"{path}: embeddings are cut to {found['truncate_dim']} numbers, which only 'torch' does"
        )
    prompts = {str(key): str(text) for key, text in (found.get("prompts") or {}).items() if text}
    default = prompts.get(str(found.get("default_prompt_name")), "")
    if not prompts and family is not None and (family.query or family.passage):
        notes.append(
            f"{folder.name} states no prompts: {family.query!r} before queries and {family.passage!r} before passages, "
            f"as {family.name} models expect"
        )
        return family.query, family.passage
    passage = next((prompts[key] for key in ("document", "passage", "corpus") if key in prompts), default)
    return prompts.get("query", default), passage


def _max_length(folder: Path, architecture: dict[str, Any]) -> int:
    limits = [
        _read(folder / "sentence_bert_config.json").get("max_seq_length"),
        _read(folder / "tokenizer_config.json").get("model_max_length"),
    ]
    positions = architecture.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        limits.append(positions - 2 if architecture.get("model_type") in _OFFSET_POSITIONS else positions)
    known = [int(limit) for limit in limits if isinstance(limit, (int, float)) and 0 < limit < _NO_LIMIT]
    if not known:
        raise EncoderError(
            f"{folder}: no file states how many tokens the model reads; put max_seq_length into sentence_bert_config.json"
        )
    return min(known)


def _read(path: Path) -> dict[str, Any]:
    found = _parsed(path)
    if found is not None and not isinstance(found, dict):
        raise EncoderError(f"{path}: a {type(found).__name__}, expected an object; download or export the model again")
    return found or {}


def _read_list(path: Path) -> list[dict[str, Any]]:
    found = _parsed(path)
    if found is not None and not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise EncoderError(f"{path}: expected a list of modules; download or export the model again")
    return found or []


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderError(f"{path}: damaged ({error}); download or export the model again") from error
