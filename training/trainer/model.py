"""Load or create the configured model: from the Hub or a folder, a bare transformer, or a new static encoder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer

from searchapp.encoders.loading import find_model_folder
from searchapp.errors import ConfigurationError, EncoderError
from training.config import ModelConfig
from training.unigram import train_tokenizer

TOKENIZER_TEXTS = 20_000
"""Distinct texts that a tokenizer is trained on, drawn at random: with 30,000 short ones training took 37 s of processor
time, and it grows faster than their number."""


def build_model(
    config: ModelConfig, texts: Callable[[], Iterable[str]], *, seed: int, tokenizer: Path | None = None
) -> SentenceTransformer:
    """Load or create a model, with its prompts and token limit, which are saved with it.

    Args:
        config: Configuration of the model.
        texts: Returns the training texts, for training a tokenizer.
        seed: Seed of new weights.
        tokenizer: File of the tokenizer that an interrupted run trained; used if it exists.

    Raises:
        EncoderError: The model cannot be loaded.
    """
    torch.manual_seed(seed)
    model = _load(config) if config.base else _static(config, texts, trained=tokenizer)
    if config.max_length is not None:
        model.max_seq_length = config.max_length
    if config.query_prompt or config.passage_prompt:
        model.prompts = {"query": config.query_prompt, "document": config.passage_prompt}
    return model


def is_static(model: SentenceTransformer) -> bool:
    """Return whether the model consists of token vectors, without layers.

    Args:
        model: Model whose first module is examined.
    """
    return isinstance(model[0], StaticEmbedding)


def _load(config: ModelConfig) -> SentenceTransformer:
    folder = find_model_folder(config.base)
    local = folder is not None
    name = str(folder or config.base)
    options: dict[str, Any] = {"trust_remote_code": config.trust_remote_code, "local_files_only": local}
    try:
        if local and folder is not None and not (folder / "modules.json").is_file():
            transformer = Transformer(name)
            pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode=config.pooling)
            return SentenceTransformer(modules=[transformer, pooling])
        return SentenceTransformer(name, **options)
    except Exception as error:  # libraries raise OSError, ValueError, RuntimeError and bare Exception here
        raise EncoderError(
            f"model.base {config.base!r} cannot be loaded: {error}. Give a model's folder, or connect to the Hub"
        ) from error


def _static(config: ModelConfig, texts: Callable[[], Iterable[str]], *, trained: Path | None) -> SentenceTransformer:
    if config.tokenizer:
        path = Path(config.tokenizer).expanduser()
        if not path.is_file():
            raise EncoderError(
                f"model.tokenizer {config.tokenizer!r}: there is no such file; expected a tokenizer.json"
            )
        tokenizer = Tokenizer.from_file(str(path))
    elif trained is not None and trained.is_file():
        tokenizer = Tokenizer.from_file(str(trained))
    elif int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigurationError(
            "each of several processes would train a tokenizer of its own, and no two are the same; name one by "
            "model.tokenizer: the tokenizer.json of a run with one process, or of any static encoder"
        )
    else:
        distinct = list(dict.fromkeys(texts()))
        order = np.random.default_rng(0).permutation(len(distinct))[:TOKENIZER_TEXTS]
        tokenizer = train_tokenizer((distinct[place] for place in order), vocabulary=config.vocabulary)
    # Unit length on average: with torch's default, directions would change far more slowly.
    vectors = torch.randn(tokenizer.get_vocab_size(), config.dimension) * config.dimension**-0.5
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=vectors)], device="cpu")
