"""Write a model folder in the layout of sentence-transformers, which the ONNX encoder also reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.bases.tokenizer import BOS, EOS, MASK, PAD, UNKNOWN

QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "


def write_configuration(folder: Path, *, config: Any, tokenizer: Tokenizer) -> None:
    """Write everything except the weights: architecture, tokenizer, mean pooling, prompts.

    Args:
        folder: Folder to write to; created if it does not exist.
        config: A `transformers` configuration.
        tokenizer: A tokenizer with special tokens.
    """
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    architecture = config.to_dict() | {"architectures": ["BertModel"]}
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    files: dict[str, Any] = {
        "config.json": architecture,
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (kind, path) in enumerate(zip(kinds, paths, strict=True))
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": config.hidden_size,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
            "include_prompt": True,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PROMPT, "document": PASSAGE_PROMPT},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "sentence_bert_config.json": {"max_seq_length": config.max_position_embeddings, "do_lower_case": False},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": BOS,
            "eos_token": EOS,
            "sep_token": EOS,
            "cls_token": BOS,
            "unk_token": UNKNOWN,
            "pad_token": PAD,
            "mask_token": MASK,
            "model_max_length": config.max_position_embeddings,
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
        },
    }
    for name, content in files.items():
        text = json.dumps(content, ensure_ascii=False, indent=2)
        (folder / name).write_text(text + "\n", encoding="utf-8")
