"""Train the static encoder: InfoNCE over cosines with in-batch negatives and hybrid batches."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from searchapp.encoders.sounds import Sounds
from searchapp.files.json_log import append_json
from training.datasets.translations import Translations, read_translations
from training.static.batches import PairSampler, QuestionSampler
from training.static.config import Recipe
from training.static.data import (
    QUESTION_TOKENS,
    Questions,
    Tokens,
    read_answer_sentences,
    read_lexicon,
    tokenize,
)
from training.static.develop import Developer, Held, hold_out
from training.static.documents import Paragraphs, paragraph_rows, paragraphs_of
from training.static.model import StaticModel
from training.static.optimizer import LazyAdam
from training.static.refine import even_out
from training.static.spelling import spelling_table
from training.static.tokenizer import APART, LONGEST_PIECE, sample_texts
from training.unigram import train_tokenizer

logger = logging.getLogger(__name__)

SAMPLE_CHARACTERS = 40_000_000
REPORT_EVERY = 500


@dataclass(frozen=True, slots=True)
class Corpus:
    """The training text, as token ids."""

    translations: Translations
    lexicon: Translations
    questions: Questions
    translation_tokens: Tokens
    lexicon_tokens: Tokens
    question_tokens: Tokens
    sentence_tokens: Tokens
    context_tokens: Tokens
    paragraphs: Paragraphs
    held: Held
    held_tokens: Tokens

    def developer(self) -> Developer:
        """Return the developer, which measures token vectors on the held-out part."""
        return Developer(
            held=self.held,
            query_tokens=self.held_tokens,
            paragraphs=self.paragraphs,
            translation_tokens=self.translation_tokens,
            questions=self.questions,
            question_tokens=self.question_tokens,
            sentence_tokens=self.sentence_tokens,
            context_tokens=self.context_tokens,
        )


def prepare(recipe: Recipe, data: Path, out: Path) -> tuple[Tokenizer, Sounds, Corpus]:
    """Read the shared data, train the tokenizer (or use the one in `out`) and tokenise everything.

    Args:
        recipe: Sources, sizes of the vocabulary, and the seed.
        data: Folder with the shared Parquet files.
        out: Folder of the run; its `tokenizer.json` is used if it exists, and written otherwise.
    """
    translations = read_translations(data / "translations.parquet", sources=tuple(recipe.shares))
    questions = read_answer_sentences(data / "qa.parquet", recipe.qa_sources)
    lexicon = read_lexicon(data / "lexicon.parquet")
    logger.info(
        "%d translations, %d questions, %d lemmas", *map(len, (translations.texts, questions.questions, lexicon.texts))
    )
    path = out / "tokenizer.json"
    if path.exists():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        passages = np.unique(questions.passage[questions.gold])
        spoken = dict(zip(questions.passage[questions.gold].tolist(), questions.languages.tolist(), strict=True))
        texts = translations.texts + [questions.contexts[row] for row in passages]
        languages = translations.languages.tolist() + [spoken[row] for row in passages.tolist()]
        sample = sample_texts(texts, languages, characters=SAMPLE_CHARACTERS, seed=recipe.seed)
        tokenizer = train_tokenizer(sample, vocabulary=recipe.vocabulary, longest_piece=LONGEST_PIECE, apart=APART)
        tokenizer.save(str(path))
    logger.info("tokenizer of %d pieces is ready", tokenizer.get_vocab_size())
    sounds = Sounds(spelling=spelling_table(), prefixes=recipe.prefixes, consonants=recipe.consonants)
    rows = paragraph_rows(translations)
    held = hold_out(translations, rows, questions, seed=recipe.seed)
    translation_tokens = tokenize(tokenizer, sounds, translations.texts, limit=128)
    return (
        tokenizer,
        sounds,
        Corpus(
            translations=translations,
            lexicon=lexicon,
            questions=questions,
            translation_tokens=translation_tokens,
            lexicon_tokens=tokenize(tokenizer, sounds, lexicon.texts, limit=16),
            question_tokens=tokenize(tokenizer, sounds, questions.questions, limit=QUESTION_TOKENS),
            sentence_tokens=tokenize(tokenizer, sounds, questions.sentences, limit=128),
            context_tokens=tokenize(tokenizer, sounds, questions.contexts),
            paragraphs=paragraphs_of(rows, translation_tokens),
            held=held,
            held_tokens=tokenize(tokenizer, sounds, held.queries, limit=128),
        ),
    )


def frequencies(tokens: Tokens, languages: NDArray[np.str_], vocabulary: int) -> NDArray[np.float64]:
    """Compute the share of each token. Languages count equally, as small ones also have frequent function words.

    Args:
        tokens: Token ids of all texts.
        languages: (texts,) language of each text.
        vocabulary: Number of token ids.
    """
    owner = np.repeat(np.unique(languages, return_inverse=True)[1], np.diff(tokens.offsets))
    shares = np.zeros(vocabulary)
    for language in range(int(owner.max()) + 1):
        counts = np.bincount(tokens.ids[owner == language], minlength=vocabulary)
        shares = np.maximum(shares, counts / max(int(counts.sum()), 1))
    return shares


def train(recipe: Recipe, corpus: Corpus, *, vocabulary: int, log: Path) -> StaticModel:
    """Run the recipe's two phases and write development figures as JSON lines.

    Args:
        recipe: Settings of both phases.
        corpus: Rows, tokens and held-out data.
        vocabulary: Number of token ids, sounds included.
        log: File to which the figures are appended.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    shares = frequencies(corpus.translation_tokens, corpus.translations.languages, vocabulary)
    model = StaticModel(shares, dimension=recipe.dimension, sif=recipe.sif)
    _run(recipe, corpus, model, log=log)
    finish = recipe.finish
    if finish is not None:
        torch.manual_seed(finish.seed)
        _run(finish, corpus, model, log=log)
    return model


def _run(recipe: Recipe, corpus: Corpus, model: StaticModel, *, log: Path) -> None:
    """Run one phase with its own batches; its rate rises over 100 steps and then falls to zero."""
    rng = np.random.default_rng(recipe.seed)
    optimizers = LazyAdam(model.vectors.data), LazyAdam(model.log_weights.data)
    step_of, developer = _Steps(recipe, corpus, model), corpus.developer()
    begun, running, steps_before = time.monotonic(), 0.0, 0
    for step in range(recipe.steps):
        rate = min(1.0, (step + 1) / 100) * (1 - step / recipe.steps)
        loss = step_of.loss(rng)
        loss.backward()  # type: ignore[no-untyped-call]
        rows, vectors, log_weights = model.gradients()
        optimizers[0].step(rows, vectors, rate=rate * recipe.rate)
        optimizers[1].step(rows, log_weights, rate=rate * recipe.weight_rate)
        running += float(loss.detach())
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == recipe.steps:
            record: dict[str, float] = {"step": step + 1, "batch": recipe.batch}
            record["seconds"] = round(time.monotonic() - begun)
            record["loss"] = running / (step + 1 - steps_before)
            folded = even_out(model.folded(), power=recipe.length_power)
            record |= developer.measure(folded, weight=recipe.shipped_context_weight)
            running, steps_before = 0.0, step + 1
            logger.info("%s", record)
            append_json(log, record)
            torch.save(model.state_dict(), log.with_name("model.pt"))


class _Steps:
    """Draws a task and a batch of it, and computes its loss."""

    def __init__(self, recipe: Recipe, corpus: Corpus, model: StaticModel) -> None:
        groups = int(corpus.translations.groups.max()) + 1
        kept = np.ones(groups, dtype=np.bool_)
        kept[corpus.translations.groups[corpus.paragraphs.rows[corpus.held.paragraphs].ravel()]] = False
        asked = np.ones(len(corpus.questions.questions), dtype=np.bool_)
        asked[corpus.held.questions] = False
        self._recipe, self._corpus, self._model = recipe, corpus, model
        self._translations = PairSampler.over(
            corpus.translations, balance=recipe.balance, shares=recipe.shares, keep=kept
        )
        self._lexicon = PairSampler.over(corpus.lexicon, balance=recipe.balance)
        self._questions = QuestionSampler.over(corpus.questions, balance=recipe.balance, keep=asked)
        chances = np.array([recipe.translation, recipe.lexicon, recipe.qa])
        self._chances = chances / chances.sum()

    def loss(self, rng: np.random.Generator) -> Tensor:
        task = int(rng.choice(3, p=self._chances))
        if task == 0:
            return self._pairs(*self._translations.draw(rng, self._recipe.batch), self._corpus.translation_tokens)
        if task == 1:
            return self._pairs(*self._lexicon.draw(rng, self._recipe.batch), self._corpus.lexicon_tokens)
        return self._asked(*self._questions.draw(rng, self._recipe.qa_batch))

    def _pairs(self, first: NDArray[np.int64], second: NDArray[np.int64], tokens: Tokens) -> Tensor:
        anchors, positives = self._model.encode((tokens, first), (tokens, second), dropout=self._recipe.dropout)
        scores = anchors @ positives.T / self._recipe.temperature
        target = torch.arange(len(first))
        return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2

    def _asked(self, rows: NDArray[np.int64], gold: NDArray[np.int64], other: NDArray[np.int64]) -> Tensor:
        corpus, model = self._corpus, self._model
        questions, sentences, others, contexts = model.encode(
            (corpus.question_tokens, rows),
            (corpus.sentence_tokens, gold),
            (corpus.sentence_tokens, other),
            (corpus.context_tokens, corpus.questions.passage[gold]),
            dropout=self._recipe.question_dropout,
        )
        right = functional.normalize(sentences + self._recipe.context_weight * contexts, dim=-1)
        wrong = functional.normalize(others + self._recipe.context_weight * contexts, dim=-1)
        scores = questions @ torch.cat([right, wrong]).T / self._recipe.temperature
        alone = torch.from_numpy(np.flatnonzero(gold == other))
        scores[alone, alone + len(rows)] = float("-inf")
        return functional.cross_entropy(scores, torch.arange(len(rows)))
