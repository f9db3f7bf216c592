"""Read and select the study's texts: training content, held-out content, evaluation sets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.beir import load_beir
from searchapp.evaluation.tasks.xquad_r import load_xquad_r
from training.code_switching import CodeSwitcher, Lexicon
from training.datasets.guard import OverlapGuard
from training.datasets.parts import part_of
from training.datasets.translations import TranslationGroups, read_groups
from training.static.data import Questions, read_answer_sentences
from training.study.transformer.settings import (
    LANGUAGES,
    PARALLEL_SOURCES,
    QUESTION_LANGUAGES,
    QUESTION_SOURCES,
    Settings,
)

logger = logging.getLogger(__name__)

TRAIN, DEVELOPMENT, TEST = 0, 1, 2
TEST_GROUPS, DEVELOPMENT_GROUPS = 150, 75
"""Held-out groups at the end of each parallel source: running text, so that no neighbour of a training sentence is tested."""
TEST_SHARE, DEVELOPMENT_SHARE = 0.2, 0.06
"""Share of the passages of each language that are held out."""
SWITCHED = 1.0
"""Probability of replacing a word that the lexicon knows in a question's switched version."""

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Sentences in all languages.

    Attributes:
        texts: Text `g * languages + l` is group g in language l.
        parts: A part of each text, cut at the same relative position in all languages of a group.
        split: (groups,) `TRAIN`, `DEVELOPMENT` or `TEST`.
    """

    texts: list[str]
    parts: list[str]
    split: IntArray


@dataclass(frozen=True, slots=True)
class Asked:
    """Native questions with their passages.

    Attributes:
        questions: Texts of the questions.
        switched: The questions with every word that the lexicon knows in another language.
        answers: Each passage from the sentence with the answer on.
        passages: Whole passages with their titles.
        languages: (questions,) codes of the questions' own languages.
        targets: (questions,) codes of the languages of `switched`.
        passage: (questions,) each question's passage.
        split: (questions,) `TRAIN`, `DEVELOPMENT` or `TEST`, the same for all questions of a passage.
        replaced: Share of the words of `switched` that were replaced.
    """

    questions: list[str]
    switched: list[str]
    answers: list[str]
    passages: list[str]
    languages: NDArray[np.str_]
    targets: NDArray[np.str_]
    passage: IntArray
    split: IntArray
    replaced: float


@dataclass(frozen=True, slots=True)
class Content:
    """All texts of the study.

    Attributes:
        left_out: Number of training texts left out because they overlap an evaluation set, by kind.
    """

    parallel: Parallel
    asked: Asked
    xquad_r: RetrievalTask
    scifact: RetrievalTask
    left_out: dict[str, int]


def read_content(settings: Settings, data: Path) -> Content:
    """Read the shared files.

    Args:
        settings: Sizes of the study.
        data: Folder of `translations.parquet`, `qa.parquet`, `lexicon.parquet`, `xquad-r/` and `scifact/`.
    """
    guards = [OverlapGuard.from_folder(data / name) for name in ("xquad-r", "scifact")]
    groups = read_groups(data / "translations.parquet", sources=PARALLEL_SOURCES, languages=LANGUAGES)
    parallel, lost_groups = _parallel(groups, guards)
    logger.info("%d translation groups in %d languages", len(parallel.split), len(LANGUAGES))
    questions = read_answer_sentences(data / "qa.parquet", QUESTION_SOURCES)
    lexicon = Lexicon.read(data / "lexicon.parquet", languages=QUESTION_LANGUAGES)
    asked, lost_questions = _asked(questions, guards, lexicon, settings)
    logger.info(
        "%d questions, %.0f %% of the words of their other version replaced", len(asked.questions), 100 * asked.replaced
    )
    return Content(
        parallel=parallel,
        asked=asked,
        xquad_r=load_xquad_r(data / "xquad-r"),
        scifact=load_beir(data / "scifact"),
        left_out={"translation groups": lost_groups, "questions": lost_questions},
    )


def _parallel(groups: TranslationGroups, guards: Sequence[OverlapGuard]) -> tuple[Parallel, int]:
    whole = np.flatnonzero(groups.sizes == len(LANGUAGES))
    source = groups.sources[groups.starts[whole]]
    split = np.full(len(whole), TRAIN, dtype=np.int64)
    for name in PARALLEL_SOURCES:
        members = np.flatnonzero(source == name)
        split[members[-TEST_GROUPS - DEVELOPMENT_GROUPS :]] = DEVELOPMENT
        split[members[-TEST_GROUPS:]] = TEST
    texts, parts, kept = [], [], []
    for number, group in enumerate(whole.tolist()):
        start = int(groups.starts[group])
        own = groups.texts[start : start + len(LANGUAGES)]
        if split[number] == TRAIN and any(guard.knows(text) for guard in guards for text in own):
            continue
        kept.append(number)
        texts += own
        # The same numbers are drawn for each language, so that the parts correspond.
        parts += [part_of(text, np.random.default_rng((17, number))) for text in own]
    return Parallel(texts=texts, parts=parts, split=split[kept]), len(whole) - len(kept)


def _asked(data: Questions, guards: Sequence[OverlapGuard], lexicon: Lexicon, settings: Settings) -> tuple[Asked, int]:
    rng = np.random.default_rng(5)
    passage_of = data.passage[data.gold]
    chosen, split = [], []
    for language in QUESTION_LANGUAGES:
        own = np.flatnonzero(data.languages == language)
        passages = rng.permutation(np.unique(passage_of[own]))
        tested = min(settings.pool, round(TEST_SHARE * len(passages)))
        developed = min(settings.pool // 3, round(DEVELOPMENT_SHARE * len(passages)))
        place = np.full(len(data.contexts), TRAIN, dtype=np.int64)
        place[passages[: tested + developed]] = DEVELOPMENT
        place[passages[:tested]] = TEST
        where = place[passage_of[own]]
        for part, most in ((TRAIN, settings.questions), (DEVELOPMENT, developed), (TEST, tested)):
            rows = rng.permutation(own[where == part])
            if part != TRAIN:  # one question per passage
                rows = rows[np.unique(passage_of[rows], return_index=True)[1]]
            chosen.append(rows[:most])
            split.append(np.full(len(chosen[-1]), part))
    rows, splits = np.concatenate(chosen), np.concatenate(split)
    answers = [_from_answer_on(data, row) for row in rows.tolist()]
    texts = [data.questions[row] for row in rows.tolist()]
    clean = np.array(
        [
            place != TRAIN or not any(guard.knows(text) for guard in guards for text in pair)
            for place, pair in zip(splits.tolist(), zip(texts, answers, strict=True), strict=True)
        ]
    )
    kept = np.flatnonzero(clean).tolist()
    languages = data.languages[rows][kept]
    switched, targets, replaced = _switched([texts[row] for row in kept], languages, lexicon, rng)
    asked = Asked(
        questions=[texts[row] for row in kept],
        switched=switched,
        answers=[answers[row] for row in kept],
        passages=data.contexts,
        languages=languages,
        targets=targets,
        passage=passage_of[rows][kept],
        split=splits[kept],
        replaced=replaced,
    )
    return asked, len(rows) - len(kept)


def _from_answer_on(data: Questions, row: int) -> str:
    gold = int(data.gold[row])
    end = int(data.spans[int(data.passage[gold]) + 1])
    return " ".join(sentence.strip() for sentence in data.sentences[gold : min(end, gold + 4)])


def _switched(
    texts: Sequence[str], languages: NDArray[np.str_], lexicon: Lexicon, rng: np.random.Generator
) -> tuple[list[str], NDArray[np.str_], float]:
    switchers = {
        target: CodeSwitcher(lexicon=lexicon, probability=SWITCHED, kind="bilingual", languages=(target,), seed=0)
        for target in QUESTION_LANGUAGES
    }
    targets, switched = [], []
    changed = words = 0
    for text, language in zip(texts, languages.tolist(), strict=True):
        target = str(rng.choice([code for code in QUESTION_LANGUAGES if code != language]))
        found = switchers[target].switch_and_count(text, language)
        targets.append(target)
        switched.append(found.text)
        changed, words = changed + found.replaced, words + found.words
    return switched, np.array(targets), changed / max(words, 1)
