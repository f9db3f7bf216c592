"""Compare training with hybrid batches to plain sentence-transformers: `python -m benchmarks.training_throughput`.

Model, rows, loss and batch size are the same. Plain is sentence-transformers' own trainer with its default samplers on
ordinary datasets. Hybrid is that trainer with `HybridBatchSampler`, the collator that hides group ids from the model,
and datasets with fast access to single rows. Plain batches contain one language or pair each, which tokenizers cache
better than a mixture. Runs alternate in one process. The figures are ratios of the medians, without the first run of
each, by wall-clock time and by CPU time, which a shared machine changes less. The sampler takes a fraction of a second
to start, so short runs look worse than long ones. The rows come from `--data` if it has them, and are otherwise
synthetic.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from training.datasets import assemble
from training.datasets.translations import TranslationGroups, part_pairs, read_groups
from training.mixing import Mixing
from training.samplers import HybridBatching
from training.trainer.collator import RowCollator
from training.trainer.training import quiet_datasets
from training.unigram import train_tokenizer

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")


def rows(data: Path) -> tuple[DatasetDict, list[str]]:
    """Return mono- and cross-lingual pairs, and their texts."""
    file = data / "translations.parquet"
    groups = read_groups(file, sources=["flores200", "ntrex128"], languages=LANGUAGES) if file.exists() else made_up()
    pairs = [part_pairs(groups, seed=0, kinds=("mono", "cross"))]
    return assemble(pairs), groups.texts


def made_up() -> TranslationGroups:
    """Create 3,000 groups of random words in as many languages."""
    rng = np.random.default_rng(0)
    count, size = 3_000, len(LANGUAGES)
    texts = [
        " ".join(f"{language}{number}" for number in rng.integers(5_000, size=20))
        for _ in range(count)
        for language in LANGUAGES
    ]
    return TranslationGroups(
        texts=texts,
        languages=np.array(LANGUAGES * count),
        sources=np.full(count * size, "made-up"),
        names=np.array([f"made-up:{group}" for group in range(count)]),
        starts=np.arange(count) * size,
        sizes=np.full(count, size),
    )


def static(texts: list[str]) -> SentenceTransformer:
    """Create a static model with 256 dimensions and 8,000 pieces."""
    tokenizer = train_tokenizer(texts[:8_000], vocabulary=8_000)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=256)], device="cpu")


def transformer(texts: list[str], folder: Path) -> SentenceTransformer:
    """Create a transformer of four layers of width 128 with random weights."""
    tokenizer = train_tokenizer(texts[:8_000], vocabulary=8_000)
    tokenizer.add_special_tokens(["[PAD]"])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="<unk>", model_max_length=64
    )
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=128,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=512,
    )
    BertModel(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return SentenceTransformer(modules=[Transformer(str(folder)), Pooling(128)], device="cpu")


def run(model: SentenceTransformer, data: DatasetDict, *, hybrid: bool, batch: int, steps: int) -> tuple[float, float]:
    """Return pairs per second of `steps` steps, by wall-clock time and by CPU time."""
    batching = HybridBatching(list(data), Mixing())
    own: dict[str, Any] = {"multi_dataset_batch_sampler": batching} if hybrid else {}
    # Plain sentence-transformers would train on the group ids as texts, and does not have our datasets.
    ordinary = {key: Dataset(part.data).remove_columns("group") for key, part in data.items()}
    used = data if hybrid else DatasetDict(ordinary)
    with tempfile.TemporaryDirectory() as folder:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=folder,
                max_steps=steps,
                per_device_train_batch_size=batch,
                learning_rate=1e-3,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
                use_cpu=True,
                dataloader_drop_last=True,
                **own,
            ),
            train_dataset=used,
            loss=MultipleNegativesRankingLoss(model),
            data_collator=RowCollator(preprocess_fn=model.preprocess) if hybrid else None,
        )
        begun, busy = time.perf_counter(), time.process_time()
        trainer.train()
        return batch * steps / (time.perf_counter() - begun), batch * steps / (time.process_time() - busy)


def compare(model: SentenceTransformer, data: DatasetDict, *, batch: int, steps: int, repeats: int) -> dict[str, float]:
    """Return medians of alternating runs, and their ratio."""
    rates: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for repeat in range(repeats + 1):
        for hybrid in (False, True) if repeat % 2 else (True, False):
            rate = run(model, data, hybrid=hybrid, batch=batch, steps=steps)
            if repeat:
                rates[hybrid].append(rate)
    (plain, plain_cpu), (own, own_cpu) = (
        tuple(statistics.median(column) for column in zip(*rates[hybrid], strict=True)) for hybrid in (False, True)
    )
    return {
        "plain_pairs_per_s": plain,
        "hybrid_pairs_per_s": own,
        "hybrid_to_plain": own / plain,
        "hybrid_to_plain_processor": own_cpu / plain_cpu,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    quiet_datasets()
    data, texts = rows(arguments.data)
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, model, batch, steps in (
            ("static", static(texts), 256, arguments.steps),
            ("transformer", transformer(texts, Path(folder)), 32, arguments.steps // 3),
        ):
            figures[name] = compare(model, data, batch=batch, steps=max(1, steps), repeats=arguments.repeats)
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{arguments.threads} threads, {platform.machine()}, Python {platform.python_version()}")
    for name, values in figures.items():
        print(
            f"{name:12} plain {values['plain_pairs_per_s']:8,.0f}/s  hybrid {values['hybrid_pairs_per_s']:8,.0f}/s  "
            f"ratio {values['hybrid_to_plain']:.3f}  by processor time {values['hybrid_to_plain_processor']:.3f}"
        )


if __name__ == "__main__":
    main()
