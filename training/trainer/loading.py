"""Read the rows of all sources, check, augment, mine, split and sort them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from datasets import Dataset, DatasetDict, concatenate_datasets

from searchapp.datatypes import Progress, Tell
from searchapp.errors import ConfigurationError, InputError
from training.code_switching import CodeSwitcher, Lexicon, switch_rows
from training.columns import ANCHOR, CROSS, DISTILL, MONO, POSITIVE, SIMCSE, SOURCE, kind_of
from training.config import TrainingConfig
from training.datasets import Overlap, OverlapGuard, assemble, hold_out, read_rows
from training.datasets.row_dataset import column_of
from training.datasets.translations import TranslationGroups, read_groups, translation_pairs
from training.distillation import distillation_rows
from training.mining import mine_negatives
from training.samplers.hybrid import missing_kind


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The data for training and validation.

    Attributes:
        rows: Datasets such as `mono/de`.
        held: Pairs of held-out groups; empty without validation.
        sources: Source -> number of training rows.
        dropped: Rows left out because they overlap an evaluation set.
        notes: What else was left out.
    """

    rows: DatasetDict
    held: Dataset
    sources: Counter[str]
    dropped: list[Overlap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[str]:
        """Yield the texts to train on."""
        for part in self.rows.values():
            for column in (ANCHOR, POSITIVE):
                if column in part.column_names:
                    yield from column_of(part, column)


def load_data(config: TrainingConfig, *, dimension: int | None = None, tell: Tell | None = None) -> TrainingData:
    """Read all the data that a configuration names.

    Args:
        config: The configuration of the run.
        dimension: Dimension of the student, for distillation.
        tell: Called before each source, and before the rows are sorted.

    Raises:
        InputError: A source cannot be read, overlaps an evaluation set, or leaves nothing to train on.
        ConfigurationError: The sources lack what the batches need.
    """
    told = tell or (lambda progress: None)
    guards = [OverlapGuard.from_folder(Path(folder).expanduser()) for folder in config.data.guard]
    if config.loss.kind == "distillation":
        return _distillation(config, guards, dimension=dimension)
    seed = config.optimizer.seed
    dropped: list[Overlap] = []
    parts = []
    for number, source in enumerate(config.data.sources):
        told(Progress(f"reading {Path(source.path).name}", number / len(config.data.sources)))
        rows = read_rows(source, seed=seed, parallel=config.loss.balance_weight > 0)
        parts.append(_guarded(rows, guards, config, name=source.name or source.path, dropped=dropped))
    told(Progress("sorting rows", 1.0, {"rows": sum(map(len, parts))}))
    pairs = [part for part in parts if POSITIVE in part.column_names]
    sentences = [part for part in parts if POSITIVE not in part.column_names]
    notes: list[str] = []
    held = Dataset.from_dict({})
    if pairs:
        together = concatenate_datasets(pairs)
        train, held = hold_out(together, config.validation.share, seed=seed)
        if not len(train):
            raise InputError("validation holds out all rows: lower validation.share, or add rows")
        if config.data.negatives:
            train = _mined(train, config, notes)
        pairs = [_switched(train, config)]
    sources: Counter[str] = Counter()
    for part in (*pairs, *sentences):
        sources.update(column_of(part, SOURCE))
    mixing = config.batch.mixing
    single = mixing.alpha > 0 and mixing.monolingual == "one-language"
    least = config.batch.least or config.batch.size
    rows = assemble([*pairs, *sentences], least=least if single else 1)
    _check_kinds(rows, config)
    return TrainingData(rows=_used(rows, config), held=held, sources=sources, dropped=dropped, notes=notes)


def _check_kinds(rows: DatasetDict, config: TrainingConfig) -> None:
    mixing = config.batch.mixing
    have = {kind_of(key) for key in rows}
    for kind, wanted in ((MONO, mixing.alpha > 0), (CROSS, mixing.alpha < 1), (SIMCSE, mixing.simcse > 0)):
        if wanted and kind not in have:
            raise ConfigurationError(missing_kind(kind, mixing, tuple(rows)))


def _used(rows: DatasetDict, config: TrainingConfig) -> DatasetDict:
    """Keep only the datasets that the batches draw from."""
    mixing = config.batch.mixing
    kinds = {
        kind for kind, share in ((MONO, mixing.alpha), (CROSS, 1 - mixing.alpha), (SIMCSE, mixing.simcse)) if share
    }
    return DatasetDict({key: part for key, part in rows.items() if kind_of(key) in kinds})


def _guarded(
    rows: Dataset, guards: list[OverlapGuard], config: TrainingConfig, *, name: str, dropped: list[Overlap]
) -> Dataset:
    for guard in guards:
        if config.data.on_overlap == "refuse":
            guard.refuse(rows, name=name)
        else:
            rows, found = guard.drop(rows)
            dropped += found
    if not len(rows):
        raise InputError(f"{name}: every row overlaps an evaluation set")
    return rows


def _switched(rows: Dataset, config: TrainingConfig) -> Dataset:
    settings = config.data.code_switching
    if not settings.lexicon or not settings.share:
        return rows
    lexicon = Lexicon.read(Path(settings.lexicon).expanduser())
    switcher = CodeSwitcher(
        lexicon=lexicon,
        probability=settings.probability,
        kind=settings.kind,
        languages=settings.languages,
        seed=config.optimizer.seed,
    )
    return switch_rows(rows, switcher, share=settings.share, columns=settings.columns)


def _mined(rows: Dataset, config: TrainingConfig, notes: list[str]) -> Dataset:
    from searchapp.encoders.loading import load_encoder

    encoder = load_encoder(config.data.miner)
    try:
        found, report = mine_negatives(rows, encoder, count=config.data.negatives, seed=config.optimizer.seed)
    finally:
        encoder.close()
    if report.short:
        notes.append(f"{report.short} rows left out: too few passages to mine {config.data.negatives} negatives from")
    return found


def _distillation(config: TrainingConfig, guards: list[OverlapGuard], *, dimension: int | None) -> TrainingData:
    from sentence_transformers import SentenceTransformer

    dropped: list[Overlap] = []
    rows: dict[str, list[Dataset]] = {}
    held = []
    sources: Counter[str] = Counter()
    teacher = SentenceTransformer(config.loss.teacher)
    for source in config.data.sources:
        if source.format != "translations":
            raise ConfigurationError(
                f'distillation learns from translations; the source {source.path} has format "{source.format}"'
            )
        groups = read_groups(Path(source.path).expanduser(), sources=source.sources, languages=source.languages)
        groups = _clean(groups, guards, config, name=source.path, dropped=dropped)
        names = Dataset.from_dict({"group": groups.names.tolist(), "place": range(len(groups.names))})
        train, away = hold_out(names, config.validation.share, seed=config.optimizer.seed)
        if len(away):
            held.append(translation_pairs(groups.choose(np.array(away["place"])), seed=config.optimizer.seed))
        kept = groups.choose(np.array(train["place"]))
        sources.update(kept.sources.tolist())
        for key, part in distillation_rows(kept, teacher, pivot=config.loss.pivot, dimension=dimension).items():
            rows.setdefault(key, []).append(part)
    return TrainingData(
        rows=DatasetDict({key: concatenate_datasets(parts) for key, parts in sorted(rows.items())}),
        held=concatenate_datasets(held) if held else Dataset.from_dict({}),
        sources=sources,
        dropped=dropped,
        notes=[f"{DISTILL}: teacher {config.loss.teacher}"],
    )


def _clean(
    groups: TranslationGroups,
    guards: list[OverlapGuard],
    config: TrainingConfig,
    *,
    name: str,
    dropped: list[Overlap],
) -> TranslationGroups:
    texts = Dataset.from_dict({ANCHOR: groups.texts, "group": groups.names[groups.group_of_row].tolist()})
    left = _guarded(texts, guards, config, name=name, dropped=dropped)
    if len(left) == len(texts):
        return groups
    out = {overlap.group for overlap in dropped}
    return groups.choose(np.array([number for number, group in enumerate(groups.names.tolist()) if group not in out]))
