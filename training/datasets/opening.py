"""Read the rows of one source of a training configuration."""

from __future__ import annotations

from pathlib import Path

from datasets import Dataset, concatenate_datasets

from searchapp.errors import ConfigurationError
from training.config.data import SourceConfig
from training.datasets.flag_embedding import read_flag_embedding
from training.datasets.hub import read_hub
from training.datasets.jsonl import read_jsonl
from training.datasets.languages import LanguageOf
from training.datasets.pairing import cross_lingual_pairs
from training.datasets.questions import read_questions
from training.datasets.tevatron import read_tevatron
from training.datasets.translations import part_pairs, read_groups, translation_pairs

LINE_READERS = {"jsonl": read_jsonl, "flag-embedding": read_flag_embedding, "tevatron": read_tevatron}


def read_rows(source: SourceConfig, *, seed: int, parallel: bool = False) -> Dataset:
    """Read the rows of one source.

    Args:
        source: Configuration of the source.
        seed: Seed for drawing translations and cutting parts.
        parallel: Add the column for the language-bias loss, which only translations provide.

    Raises:
        InputError: The source cannot be read.
        ConfigurationError: The source has no parallel texts.
    """
    if parallel and source.format not in ("translations", "parts"):
        raise ConfigurationError(
            f"the language-bias loss needs each passage in two languages, which {source.format!r} sources have not: use "
            'sources of format "translations" or "parts" with it, or set balance_weight = 0'
        )
    rows = _read(source, seed=seed, parallel=parallel)
    if source.cross_lingual and source.format not in ("translations", "parts"):
        rows = concatenate_datasets([rows, cross_lingual_pairs(rows, seed=seed)])
    return rows


def _read(source: SourceConfig, *, seed: int, parallel: bool) -> Dataset:
    path = Path(source.path).expanduser()
    if source.format in ("translations", "parts"):
        groups = read_groups(path, sources=source.sources, languages=source.languages)
        if source.format == "translations":
            return translation_pairs(groups, seed=seed, per_text=source.per_text, parallel=parallel)
        kinds = ("mono", "cross") if source.cross_lingual else ("mono",)
        return part_pairs(groups, seed=seed, kinds=kinds, parallel=parallel)
    if source.format == "questions":
        return read_questions(path, sources=source.sources, languages=source.languages)
    language_of = LanguageOf(source.language)
    name = source.name or Path(source.path).stem
    if source.format == "hub":
        return read_hub(
            source.path,
            source=name,
            language_of=language_of,
            subset=source.subset,
            split=source.split,
            columns=source.columns,
            negatives=source.negatives,
        )
    reader = LINE_READERS[source.format]
    return reader(path, source=name, language_of=language_of, negatives=source.negatives)
