"""Open ONNX Runtime sessions and determine a model's inputs and output."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from searchapp.errors import EncoderError

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TOKEN_OUTPUTS = ("last_hidden_state", "token_embeddings")


def open_session(model: Path, *, threads: int | None) -> Any:
    """Load an ONNX file to run on the CPU.

    Args:
        model: The file.
        threads: Processor threads; None for all available to the process.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or available_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads would take CPU time from other processes.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def available_threads() -> int:
    """Count the processors available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def inputs_of(session: Any, *, name: str) -> list[str]:
    """List the names of a model's inputs.

    Args:
        session: An `onnxruntime.InferenceSession`.
        name: Name of the encoder, for messages.

    Raises:
        EncoderError: The model has an input that is unknown here.
    """
    wanted = [entry.name for entry in session.get_inputs()]
    if unknown := [entry for entry in wanted if entry not in INPUTS]:
        raise EncoderError(
            f"{name}: the ONNX file wants {', '.join(unknown)}; expected no more than {', '.join(INPUTS)}"
        )
    return wanted


def output_of(session: Any, *, name: str) -> tuple[str, bool]:
    """Choose the output to read.

    Args:
        session: An `onnxruntime.InferenceSession`.
        name: Name of the encoder, for messages.

    Returns:
        Name of the output, and whether it is already pooled to one embedding per text.

    Raises:
        EncoderError: The model has neither token embeddings nor a sentence embedding.
    """
    there = [entry.name for entry in session.get_outputs()]
    for output in TOKEN_OUTPUTS:
        if output in there:
            return output, False
    if "sentence_embedding" in there:
        return "sentence_embedding", True
    raise EncoderError(
        f"{name}: the ONNX file gives {', '.join(there)}; expected {', '.join(TOKEN_OUTPUTS)} or sentence_embedding"
    )


def padding_id(folder: Path, tokenizer: Tokenizer) -> int:
    """Look up the id of the padding token; 0 if unknown, because padding is masked.

    Args:
        folder: Folder of the model; its `tokenizer_config.json`, if any, names the token.
        tokenizer: The model's tokenizer.
    """
    path = folder / "tokenizer_config.json"
    found = json.loads(path.read_text(encoding="utf-8")).get("pad_token") if path.is_file() else None
    token = found.get("content") if isinstance(found, dict) else found
    for candidate in (token, "<pad>", "[PAD]"):
        if candidate is not None and (number := tokenizer.token_to_id(candidate)) is not None:
            return int(number)
    return 0
