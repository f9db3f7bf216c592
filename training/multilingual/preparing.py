"""Select rows from the shared Parquet files, hold some out, and tokenise all of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.code_switching import CodeSwitcher, Lexicon
from training.datasets.guard import OverlapGuard
from training.datasets.translations import Translations, read_translations
from training.multilingual.corpus import HELD_LANGUAGES, PARALLEL, PIVOT, Corpus
from training.multilingual.recipe import Recipe
from training.static.data import IntArray, Questions, Tokens, read_answer_sentences, read_lexicon
from training.static.develop import some_words

logger = logging.getLogger(__name__)

HELD_GROUPS = {"flores200": 300, "ntrex128": 200}
HELD_PASSAGES = 0.05
SWITCHED = 0.85
"""Probability of replacing a word of a code-switched question."""


def prepare(recipe: Recipe, data: Path, tokenizer: Tokenizer) -> Corpus:
    """Read the shared files, choose rows, hold some out, and tokenise everything once.

    Args:
        recipe: Sources, their shares, token limits, evaluation sets to avoid, and the seed.
        data: Folder with the shared rows and the evaluation sets.
        tokenizer: Tokenizer of the trimmed vocabulary.
    """
    rng = np.random.default_rng(recipe.seed)
    guards = [OverlapGuard.from_folder(data / name) for name in recipe.guard]
    translations = _chosen(read_translations(data / "translations.parquet", sources=tuple(recipe.shares)), recipe, rng)
    translations = _with_pivot(_select(translations, ~_overlapping(translations.texts, guards)))
    lexicon = _with_pivot(read_lexicon(data / "lexicon.parquet"), least=5)
    questions = _free(read_answer_sentences(data / "qa.parquet", recipe.question_sources), guards)
    held = held_groups(translations)
    rows = _held_rows(translations, held)
    switcher = CodeSwitcher(
        lexicon=Lexicon.read(data / "lexicon.parquet"), probability=SWITCHED, kind="bilingual", seed=recipe.seed
    )
    switched = [
        switcher.switch(text, language)
        for text, language in zip(questions.questions, questions.languages.tolist(), strict=True)
    ]
    logger.info("%d translations, %d lemmas, %d questions", *map(len, (translations.texts, lexicon.texts, switched)))
    words = [some_words(translations.texts[row], rng) for row in rows.ravel().tolist()]
    return Corpus(
        translations=translations,
        translation_tokens=tokenize(tokenizer, translations.texts, limit=recipe.tokens),
        held=held,
        held_rows=rows,
        words=tokenize(tokenizer, words, limit=recipe.tokens),
        lexicon=lexicon,
        lexicon_tokens=tokenize(tokenizer, lexicon.texts, limit=16),
        questions=questions,
        question_tokens=tokenize(tokenizer, questions.questions, limit=64),
        switched=tokenize(tokenizer, switched, limit=64),
        sentence_tokens=tokenize(tokenizer, questions.sentences, limit=recipe.tokens),
        held_passages=rng.random(len(questions.contexts)) < HELD_PASSAGES,
    )


def _overlapping(texts: Sequence[str], guards: Sequence[OverlapGuard]) -> NDArray[np.bool_]:
    found = np.array([any(guard.knows(text) for guard in guards) for text in texts])
    logger.info("%d of %d texts overlap an evaluation set and are left out", found.sum(), len(texts))
    return found


def _free(questions: Questions, guards: Sequence[OverlapGuard]) -> Questions:
    """Remove the questions of passages that overlap an evaluation set."""
    strange = _overlapping(questions.sentences, guards)
    passages = np.zeros(len(questions.contexts), dtype=np.bool_)
    passages[questions.passage[strange]] = True
    kept = np.flatnonzero(~passages[questions.passage[questions.gold]] & ~_overlapping(questions.questions, guards))
    return replace(
        questions,
        questions=[questions.questions[row] for row in kept.tolist()],
        languages=questions.languages[kept],
        gold=questions.gold[kept],
    )


def tokenize(tokenizer: Tokenizer, texts: Sequence[str], *, limit: int) -> Tokens:
    """Tokenise texts without special tokens.

    Args:
        tokenizer: Tokenizer of the trimmed vocabulary.
        texts: Texts to tokenise, one or more.
        limit: Maximum tokens per text; the rest is cut off.
    """
    parts: list[NDArray[np.int32]] = []
    for start in range(0, len(texts), 8192):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + 8192]), add_special_tokens=False):
            parts.append(np.array(encoding.ids[:limit], dtype=np.int32))
    lengths = np.array([len(part) for part in parts], dtype=np.int64)
    return Tokens(ids=np.concatenate(parts), offsets=np.r_[0, np.cumsum(lengths)])


def held_groups(data: Translations) -> NDArray[np.bool_]:
    """Hold out the last groups of each parallel source: (groups,).

    Args:
        data: Translations with their groups, whose numbers begin at 0.
    """
    held = np.zeros(int(data.groups[-1]) + 1, dtype=np.bool_)
    for source, count in HELD_GROUPS.items():
        groups = np.unique(data.groups[data.sources == source])
        held[groups[-min(count, len(groups) // 3) :]] = True
    return held


def _held_rows(data: Translations, held: NDArray[np.bool_]) -> IntArray:
    place = {language: number for number, language in enumerate(HELD_LANGUAGES)}
    table = np.full((len(held), len(place)), -1, dtype=np.int64)
    for row in np.flatnonzero(held[data.groups]).tolist():
        column = place.get(str(data.languages[row]))
        if column is not None:
            table[data.groups[row], column] = row
    rows: IntArray = table[held]
    return rows[(rows >= 0).all(axis=1)]


def _with_pivot(data: Translations, *, least: int = 2) -> Translations:
    """Keep groups with English and at least `least` texts."""
    count = int(data.groups[-1]) + 1
    english = np.zeros(count, dtype=np.bool_)
    english[data.groups[data.languages == PIVOT]] = True
    return _select(data, (english & (np.bincount(data.groups, minlength=count) >= least))[data.groups])


def _select(data: Translations, keep: NDArray[np.bool_]) -> Translations:
    kept = np.flatnonzero(keep)
    return Translations(
        texts=[data.texts[row] for row in kept.tolist()],
        languages=data.languages[kept],
        groups=np.unique(data.groups[kept], return_inverse=True)[1].astype(np.int64),
        sources=data.sources[kept],
    )


def _chosen(data: Translations, recipe: Recipe, rng: np.random.Generator) -> Translations:
    """Choose whole parallel sources, some texts of the others, and of pairs the same number per language if possible."""
    data = _with_pivot(data)
    keep = np.zeros(len(data.texts), dtype=np.bool_)
    for source in recipe.shares:
        rows = np.flatnonzero(data.sources == source)
        if source in PARALLEL:
            keep[rows] = True
        elif source == "tatoeba":
            keep[_pairs(data, rows, recipe.pair_groups, rng)] = True
        else:
            keep[_some_groups(data, rows, recipe.group_texts, rng)] = True
    return _with_pivot(_select(data, keep))


def _some_groups(data: Translations, rows: IntArray, most: int, rng: np.random.Generator) -> IntArray:
    groups = data.groups[rows]
    distinct = np.unique(groups)
    chance = min(1.0, most / max(len(rows), 1))
    chosen: IntArray = rows[np.isin(groups, distinct[rng.random(len(distinct)) < chance])]
    return chosen


def _pairs(data: Translations, rows: IntArray, most: int, rng: np.random.Generator) -> IntArray:
    """Choose pairs with English, spread over the other languages as evenly as possible; questions first."""
    others = rows[data.languages[rows] != PIVOT]
    asked = np.array([data.texts[row].rstrip().endswith(("?", "？", "؟", ";")) for row in others.tolist()])
    order = np.argsort(rng.random(len(others)) - 0.5 * asked, kind="stable")
    languages = data.languages[others][order]
    place = np.zeros(len(others), dtype=np.int64)
    for language in np.unique(languages):
        members = np.flatnonzero(languages == language)
        place[members] = np.arange(len(members))
    taken = others[order[np.argsort(place, kind="stable")[:most]]]
    chosen: IntArray = rows[np.isin(data.groups[rows], data.groups[taken])]
    return chosen
