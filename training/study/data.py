"""Prepare the study's data: tokenizer, warm-start rows, parallel content for fine-tuning, a held-out task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from datasets import Dataset, DatasetDict
from tokenizers import Tokenizer

from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from training.datasets.assembling import assemble
from training.datasets.guard import OverlapGuard
from training.datasets.questions import read_questions
from training.datasets.translations import TranslationGroups, part_pairs, read_groups, translation_pairs
from training.study.settings import LANGUAGES, QUESTION_LANGUAGES, Settings
from training.unigram import train_tokenizer

PARALLEL_SOURCES = ("flores200", "ntrex128")
"""Sources with every sentence in every language, so that strategies are compared on the same content."""

START_SOURCES = ("tatoeba", "tico19", "gnome-docs", "mozilla-l10n", "opensource-guide", "tldr")
QUESTION_SOURCES = ("jaquad", "tydiqa-goldp", "iapp-wiki", "drcd", "cmrc2018", "arcd", "tquad")
PASSAGE_CHARACTERS = 500
TEXTS_PER_LANGUAGE = 6_000


@dataclass(frozen=True, slots=True)
class Content:
    """The data shared by all runs.

    Attributes:
        start: Warm start: translations of short texts, and native questions with their passages.
        groups: Parallel content for fine-tuning.
        development: Held-out parallel content as a retrieval task: a part of a sentence must find the sentence in all
            languages.
        dropped: Number of rows left out because they overlap XQuAD-R.
    """

    start: DatasetDict
    groups: TranslationGroups
    development: RetrievalTask
    dropped: dict[str, int]


def prepare(settings: Settings, data: Path) -> Content:
    """Read the shared files; rows that overlap XQuAD-R are left out and counted.

    Args:
        settings: Sizes of the warm start, and the share of held-out groups.
        data: Folder with the shared rows and XQuAD-R.
    """
    guard = OverlapGuard.from_folder(data / "xquad-r")
    languages = sorted({*LANGUAGES, *QUESTION_LANGUAGES})
    file = data / "translations.parquet"
    groups = _thin(read_groups(file, sources=START_SOURCES, languages=languages), settings.start_translations)
    translated, lost_start = guard.drop(translation_pairs(groups, seed=0))
    asked = read_questions(
        data / "qa.parquet", sources=QUESTION_SOURCES, languages=QUESTION_LANGUAGES, characters=PASSAGE_CHARACTERS
    )
    asked, lost_questions = guard.drop(asked)
    parallel = read_groups(file, sources=PARALLEL_SOURCES, languages=LANGUAGES)
    whole = Dataset.from_dict({"anchor": parallel.texts, "group": parallel.names[parallel.group_of_row].tolist()})
    overlapping = guard.overlaps(whole)
    clean = np.setdiff1d(np.arange(len(parallel.names)), parallel.group_of_row[[o.row for o in overlapping]])
    clean = clean[parallel.sizes[clean] == len(LANGUAGES)]
    order = np.random.default_rng(7).permutation(clean)
    held = round(settings.held_out * len(order))
    return Content(
        start=assemble([translated, asked], least=settings.start_batch),
        groups=parallel.choose(np.sort(order[held:])),
        development=_development(parallel.choose(np.sort(order[:held]))),
        dropped={
            "warm start, translations": len(lost_start),
            "warm start, questions": len(lost_questions),
            "parallel texts": len(overlapping),
        },
    )


def fine_tuning(groups: TranslationGroups, *, seed: int) -> DatasetDict:
    """Pair each text's part with the whole in its own language and in another one drawn by the seed: equal content.

    Args:
        groups: Translation groups in all languages of the study.
        seed: Seed that draws the other languages and the parts.
    """
    return assemble([part_pairs(groups, seed=seed, kinds=("mono", "cross"))])


def study_tokenizer(settings: Settings, content: Content) -> Tokenizer:
    """Train a vocabulary on the training texts, with an equal number of texts per language.

    Args:
        settings: Settings of the study.
        content: Data shared by all runs.
    """
    return train_tokenizer(_texts(content), vocabulary=settings.vocabulary)


def _texts(content: Content) -> Iterator[str]:
    rng = np.random.default_rng(3)
    by_language: dict[str, list[str]] = {}
    for key, rows in content.start.items():
        pair = key.split("/")[1].split("-")
        by_language.setdefault(pair[0], []).extend(rows["anchor"])
        by_language.setdefault(pair[-1], []).extend(rows["positive"])
    for text, language in zip(content.groups.texts, content.groups.languages.tolist(), strict=True):
        by_language.setdefault(language, []).append(text)
    for language in sorted(by_language):
        texts = by_language[language]
        for row in rng.permutation(len(texts))[:TEXTS_PER_LANGUAGE].tolist():
            yield texts[row]


def _thin(groups: TranslationGroups, most: int) -> TranslationGroups:
    """Keep at most `most` groups of each set of languages."""
    rng = np.random.default_rng(5)
    ends = groups.starts + groups.sizes - 1
    names = np.char.add(np.char.add(groups.languages[groups.starts], " "), groups.languages[ends])
    kept = []
    for name in np.unique(names).tolist():
        members = np.flatnonzero(names == name)
        kept.append(rng.permutation(members)[:most])
    return groups.choose(np.sort(np.concatenate(kept)))


def _development(groups: TranslationGroups) -> RetrievalTask:
    pairs = part_pairs(groups, seed=11, kinds=("mono",))
    rows = list(zip(pairs["anchor"], pairs["positive"], pairs["group"], pairs["query_language"], strict=True))
    golds: dict[str, dict[str, int]] = {}
    for _, _, group, language in rows:
        golds.setdefault(group, {})[f"{group}.{language}"] = 1
    return RetrievalTask(
        name="held-out parts",
        queries=tuple(
            TaskQuery(id=f"{group}.{language}", text=part, languages=(language,), group=group)
            for part, _, group, language in rows
        ),
        passages=tuple(
            TaskPassage(id=f"{group}.{language}", text=whole, language=language) for _, whole, group, language in rows
        ),
        qrels={f"{group}.{language}": golds[group] for _, _, group, language in rows},
        measures=("mAP",),
    )
