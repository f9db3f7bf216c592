"""Train as configured, by passing rows, model, loss and sampler to sentence-transformers' own trainer."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from transformers import EarlyStoppingCallback, PrinterCallback
from transformers.integrations import TensorBoardCallback

from searchapp.datatypes import Progress, Tell
from searchapp.errors import TrainingError
from searchapp.files.json_file import write_json
from training.columns import ANCHOR, METADATA, NEGATIVE, PARALLEL, POSITIVE
from training.config import TrainingConfig
from training.losses import JointLoss
from training.samplers import HybridBatching
from training.trainer.callbacks import (
    MIXING,
    CheckpointKeeper,
    MetricsLog,
    ProgressTeller,
    load_own_state,
    mixing_record,
)
from training.trainer.card import model_card
from training.trainer.collator import RowCollator
from training.trainer.loading import load_data
from training.trainer.losses import build_loss
from training.trainer.model import build_model, is_static
from training.trainer.plan import make_plan
from training.trainer.precision import choose_precision, on_cpu, use_eager_attention
from training.trainer.prepared import Prepared, TrainingReport
from training.trainer.run_directory import RunDirectory
from training.trainer.validation import HeldOutEvaluator, held_out_task

LOG_TIMES_PER_VALIDATION = 10


def prepare(config: TrainingConfig, *, run: Path | None = None, tell: Tell | None = None) -> Prepared:
    """Read rows, create the model and count steps. Raises any error in the configuration or the rows.

    Args:
        config: Configuration of the run.
        run: Directory of a run to resume: its tokenizer is used, because training one twice gives two different ones.
            Without a directory, or a tokenizer in it, one is trained if the configuration names none.
        tell: Called before each step.
    """
    quiet_datasets()
    tokenizer = RunDirectory(run.expanduser().resolve()).tokenizer if run is not None else None
    if config.loss.kind == "distillation":
        # The student's dimension determines how the teacher's embeddings are projected.
        model = build_model(
            config.model, lambda: _translations(config), seed=config.optimizer.seed, tokenizer=tokenizer
        )
        data = load_data(config, dimension=model.get_embedding_dimension(), tell=tell)
    else:
        data = load_data(config, tell=tell)
        if tell is not None:
            tell(Progress("loading the model", 1.0))
        model = build_model(config.model, data.texts, seed=config.optimizer.seed, tokenizer=tokenizer)
    precision = choose_precision(config.optimizer, static=is_static(model))
    if precision == "bf16" and on_cpu(config.optimizer):
        use_eager_attention(model)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    return Prepared(config=config, data=data, model=model, plan=make_plan(config, data, model, processes=processes))


def train(prepared: Prepared, out: Path, *, restart: bool = False, tell: Tell | None = None) -> TrainingReport:
    """Train and write the model; continue where an interrupted run stopped.

    Args:
        prepared: Model, data and configuration of the run.
        out: Directory of the run.
        restart: Remove an earlier run from the directory first.
        tell: Called after every step.

    Raises:
        TrainingError: The loss is not finite.
        ConfigurationError: The directory holds a finished run, or one of another configuration.
    """
    config, data, model = prepared.config, prepared.data, prepared.model
    writer = os.environ.get("RANK", "0") == "0"
    directory = _opened(prepared, out, restart=restart, writer=writer)
    batching = HybridBatching(list(data.rows), config.batch.mixing)
    loss = build_loss(config.loss, config.batch, model)
    evaluator = _evaluator(prepared)
    checkpoint = directory.last_checkpoint(writer=writer)
    if checkpoint is not None and is_static(model):
        directory.check_tokenizer(model[0].tokenizer)
    resumed_from = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
    before = evaluator(model) if evaluator is not None and not resumed_from else {}
    if writer:
        directory.forget_metrics_after(resumed_from)
    trainer = Trainer(
        model=model,
        args=arguments(prepared, directory, batching),
        train_dataset=data.rows,
        eval_dataset=_held_pairs(prepared),
        loss=loss,
        evaluator=evaluator,
        data_collator=RowCollator(preprocess_fn=model.preprocess, prompts=_prompts(config)),
        callbacks=_callbacks(
            config,
            directory,
            loss,
            batching,
            resumed_from=resumed_from,
            validated=evaluator is not None,
            tell=tell,
            writer=writer,
        ),
    )
    begun = time.perf_counter()
    _fit(trainer, loss, checkpoint)
    best = evaluator(model) if evaluator is not None else {}
    report = TrainingReport(
        model=str(directory.model),
        steps=int(trainer.state.global_step),
        seconds=round(time.perf_counter() - begun, 1),
        resumed_from=resumed_from,
        best=best,
        before=before,
        mixture=mixing_record(batching),
    )
    if trainer.is_world_process_zero():
        _save(prepared, directory, report, evaluator)
    trainer.accelerator.wait_for_everyone()
    return report


def _opened(prepared: Prepared, out: Path, *, restart: bool, writer: bool) -> RunDirectory:
    """Open the directory of the run and write into it what is known before training."""
    model, data = prepared.model, prepared.data
    directory = RunDirectory(out.expanduser().resolve())
    if restart and writer:
        directory.restart()
    directory.open(prepared.config.to_json(), writer=writer)
    if writer and is_static(model):
        directory.keep_tokenizer(model[0].tokenizer)
    if writer and data.dropped:
        lines = (json.dumps(overlap.to_json(), ensure_ascii=False) for overlap in data.dropped)
        (directory.path / "overlaps.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return directory


def _fit(trainer: SentenceTransformerTrainer, loss: JointLoss, checkpoint: Path | None) -> None:
    """Run the trainer from the checkpoint, or from the start; an error in the loss gets the number of its step."""
    trainer.remove_callback(PrinterCallback)
    share_gradients(loss)
    if checkpoint is not None:
        load_own_state(loss, checkpoint)
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except TrainingError as error:
        raise TrainingError(f"step {trainer.state.global_step + 1} of {trainer.state.max_steps}: {error}") from error


class Trainer(SentenceTransformerTrainer):  # type: ignore[misc, unused-ignore]
    """Trains without the library's model card: it describes each of a thousand language pairs in every checkpoint."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Add nothing: `training.trainer.card` writes the model's card.

        Args:
            default_args_dict: Default arguments of the trainer; not used.
        """


def arguments(
    prepared: Prepared, directory: RunDirectory, batching: HybridBatching
) -> SentenceTransformerTrainingArguments:
    """Create the trainer's own arguments.

    Args:
        prepared: Configuration, data, plan and model of the run.
        directory: Directory of the run, for checkpoints and logs.
        batching: Creates the sampler.
    """
    config = prepared.config
    validated = len(prepared.data.held) > 0
    precision = choose_precision(config.optimizer, static=is_static(prepared.model))
    every = config.validation.every
    return SentenceTransformerTrainingArguments(
        output_dir=str(directory.checkpoints),
        max_steps=config.optimizer.steps or -1,
        num_train_epochs=config.optimizer.epochs,
        per_device_train_batch_size=config.batch.size,
        per_device_eval_batch_size=config.batch.size,
        gradient_accumulation_steps=config.batch.accumulate,
        learning_rate=config.optimizer.rate,
        weight_decay=config.optimizer.weight_decay,
        warmup_steps=int(prepared.plan.steps * config.optimizer.warmup),
        lr_scheduler_type="linear",
        max_grad_norm=config.optimizer.clip,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        use_cpu=config.optimizer.device == "cpu",
        seed=config.optimizer.seed,
        data_seed=config.optimizer.seed,
        dataloader_num_workers=config.optimizer.workers,
        dataloader_drop_last=True,
        dataloader_pin_memory=torch.cuda.is_available(),
        multi_dataset_batch_sampler=batching,
        eval_strategy="steps" if validated else "no",
        eval_steps=every if validated else None,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=config.validation.keep,
        load_best_model_at_end=validated,
        metric_for_best_model=f"eval_{config.validation.metric}" if validated else None,
        greater_is_better=config.validation.metric != "loss" if validated else None,
        logging_steps=max(1, every // LOG_TIMES_PER_VALIDATION),
        logging_nan_inf_filter=False,
        restore_callback_states_from_checkpoint=True,
        report_to="none",
        disable_tqdm=True,
    )


def share_gradients(loss: JointLoss) -> None:
    """Average the gradients of a loss's own weights over processes, which DDP does for the model only.

    Args:
        loss: Loss whose parameters get hooks; without distributed training nothing changes.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return
    model = {id(parameter) for parameter in loss.model.parameters()}

    def average(parameter: torch.Tensor) -> None:
        if parameter.grad is not None:
            dist.all_reduce(parameter.grad)
            parameter.grad /= dist.get_world_size()

    for parameter in loss.parameters():
        if id(parameter) not in model:
            parameter.register_post_accumulate_grad_hook(average)  # type: ignore[no-untyped-call]


def quiet_datasets() -> None:
    """Disable the progress bars that `datasets` shows for every table."""
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()


def _evaluator(prepared: Prepared) -> HeldOutEvaluator | None:
    data, config = prepared.data, prepared.config
    if not len(data.held):
        return None
    task = held_out_task(data.held, queries=config.validation.queries, seed=config.optimizer.seed)
    return HeldOutEvaluator(task)


def _held_pairs(prepared: Prepared) -> Any:
    """Return the held-out rows for a validation loss; None if held-out retrieval decides."""
    data, config = prepared.data, prepared.config
    if not len(data.held) or config.validation.metric != "loss" or config.loss.kind == "distillation":
        return None
    names = [ANCHOR, POSITIVE, *(name for name in data.held.column_names if name.startswith((NEGATIVE, PARALLEL)))]
    return data.held.select_columns([*names, *(name for name in METADATA if name in data.held.column_names)])


def _callbacks(
    config: TrainingConfig,
    directory: RunDirectory,
    loss: Any,
    batching: HybridBatching,
    *,
    resumed_from: int,
    validated: bool,
    tell: Tell | None,
    writer: bool,
) -> list[Any]:
    found: list[Any] = [MetricsLog(directory), CheckpointKeeper(directory, loss, batching)]
    if writer:
        from torch.utils.tensorboard import SummaryWriter

        folder = str(directory.path / "tensorboard")
        # The viewer hides entries of steps that are repeated.
        found.append(TensorBoardCallback(SummaryWriter(folder, purge_step=resumed_from or None)))
    if config.validation.patience and validated:
        found.append(EarlyStoppingCallback(early_stopping_patience=config.validation.patience))
    if tell is not None:
        found.append(ProgressTeller(tell))
    return found


def _prompts(config: TrainingConfig) -> dict[str, str]:
    query, passage = config.model.query_prompt, config.model.passage_prompt
    if not (query or passage) or config.loss.kind == "distillation":
        return {}
    negatives = {f"{NEGATIVE}_{number}": passage for number in range(2, 9)}
    return {ANCHOR: query, POSITIVE: passage, NEGATIVE: passage, PARALLEL: passage, **negatives}


def _save(
    prepared: Prepared, directory: RunDirectory, report: TrainingReport, evaluator: HeldOutEvaluator | None
) -> None:
    model = prepared.model
    model.save_pretrained(str(directory.model), create_model_card=False)
    write_json(directory.model / MIXING, report.mixture)
    results = evaluator.results if evaluator is not None else None
    card = model_card(prepared, report, results)
    (directory.model / "README.md").write_text(card, encoding="utf-8")
    write_json(directory.report, report.to_json())


def _translations(config: TrainingConfig) -> list[str]:
    from training.datasets.translations import read_groups

    texts: list[str] = []
    for source in config.data.sources:
        texts += read_groups(Path(source.path).expanduser(), sources=source.sources, languages=source.languages).texts
    return texts
