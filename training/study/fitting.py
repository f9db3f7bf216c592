"""Train the warm start of a size and fine-tune one run, both with sentence-transformers' trainer."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import DatasetDict
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer

from searchapp.files.replacing import replaced
from training.losses import JointLoss, SimCSELoss
from training.mixing import Mixing
from training.samplers import HybridBatching
from training.study.data import Content
from training.study.settings import Settings
from training.trainer.collator import RowCollator

SIF = 3e-4
"""The `a` of the weights a / (a + p(token)) that token vectors start with (Arora et al. 2017)."""


def warm_start(settings: Settings, content: Content, tokenizer: Tokenizer, *, dimension: int) -> SentenceTransformer:
    """Train a static encoder of this size on translations and native questions, with half of the batches each.

    Args:
        settings: Steps, batch size, rate and temperature.
        content: Rows of the warm start.
        tokenizer: Tokenizer of the study.
        dimension: Dimension of the encoder, which is also the seed of its initial vectors.
    """
    rng = np.random.default_rng(dimension)
    vectors = rng.normal(scale=dimension**-0.5, size=(tokenizer.get_vocab_size(), dimension))
    vectors *= _sif(tokenizer, content)[:, None]
    model = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=vectors.astype(np.float32))], device="cpu"
    )
    fit(
        model,
        content.start,
        MultipleNegativesRankingLoss(
            model,
            scale=1 / settings.temperature,
            directions=("query_to_doc", "doc_to_query"),
            partition_mode="per_direction",
        ),
        mixing=Mixing(alpha=0.5, draw="temperature", temperature=2.0, batches=settings.start_steps),
        batch=settings.start_batch,
        steps=settings.start_steps,
        rate=settings.start_rate,
        seed=0,
    )
    return model


def fine_tune(
    model: SentenceTransformer,
    rows: DatasetDict,
    settings: Settings,
    *,
    mixing: Mixing,
    simcse_weight: float,
    seed: int,
) -> dict[str, Any]:
    """Train with one strategy and return the mixture drawn in the last epoch.

    Args:
        model: Warm start; changed.
        rows: Datasets of pairs, named as in `training.columns`.
        settings: Steps, batch size, rate and temperature.
        mixing: The strategy: shares of batch kinds and languages.
        simcse_weight: Weight λ of SimCSE; 0 leaves it out.
        seed: Seed of the order of rows and of the dropout.
    """
    loss = JointLoss(
        model,
        MultipleNegativesRankingLoss(model, scale=1 / settings.temperature),
        simcse=SimCSELoss(model, token_dropout=settings.simcse_dropout) if simcse_weight else None,
        simcse_weight=simcse_weight,
    )
    return fit(
        model,
        rows,
        loss,
        mixing=mixing,
        batch=settings.batch,
        steps=settings.steps,
        rate=settings.rate,
        seed=seed,
    )


def fit(
    model: SentenceTransformer,
    rows: DatasetDict,
    loss: torch.nn.Module,
    *,
    mixing: Mixing,
    batch: int,
    steps: int,
    rate: float,
    seed: int,
) -> dict[str, Any]:
    """Run the trainer without checkpoints, and return the mixture drawn in the last epoch.

    Args:
        model: Model to train; changed.
        rows: Datasets of pairs, named as in `training.columns`.
        loss: Loss on the columns of a batch.
        mixing: Shares of batch kinds and languages.
        batch: Rows per batch.
        steps: Optimiser steps.
        rate: Peak learning rate, reached within 20 steps and then falling linearly to zero.
        seed: Seed of the order of rows and of the model's dropout.
    """
    batching = HybridBatching(list(rows), mixing)
    with tempfile.TemporaryDirectory() as folder:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=folder,
                max_steps=steps,
                per_device_train_batch_size=batch,
                learning_rate=rate,
                warmup_steps=min(20, steps // 10),
                lr_scheduler_type="linear",
                seed=seed,
                multi_dataset_batch_sampler=batching,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
                use_cpu=True,
                optim="adamw_torch_fused",
                max_grad_norm=0.0,
                dataloader_drop_last=True,
            ),
            train_dataset=rows,
            loss=loss,
            data_collator=RowCollator(preprocess_fn=model.preprocess),
        )
        trainer.train()
    sampler = batching.sampler
    return sampler.mixture.to_json() if sampler is not None else {}


def _sif(tokenizer: Tokenizer, content: Content) -> np.ndarray[Any, np.dtype[np.float64]]:
    texts = list(chain.from_iterable(rows["positive"][:2000] for rows in content.start.values())) + content.groups.texts
    counts: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
        counts.update(encoding.ids)
    frequency = np.array([counts[token] for token in range(tokenizer.get_vocab_size())], dtype=np.float64) + 1
    weights: np.ndarray[Any, np.dtype[np.float64]] = SIF / (SIF + frequency / frequency.sum())
    return weights


def save_start(model: SentenceTransformer, folder: Path) -> None:
    """Write a warm start in a way that an interrupted one is never taken for complete.

    Args:
        model: Trained warm start.
        folder: Folder to write to, which must not exist.
    """
    with replaced(folder) as part:
        model.save_pretrained(str(part), create_model_card=False)
