"""Convert texts, batches and the base model to one file of arrays, so that runs need no tokenizer and no data sets."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.files.replacing import replaced
from training.bases.blocks import pack_blocks
from training.study.transformer.content import DEVELOPMENT, TEST, Content, read_content
from training.study.transformer.model import flatten_layers
from training.study.transformer.rows import Texts, datasets_of, draw_rows, mixings, plan_batches
from training.study.transformer.settings import LANGUAGES, PASSAGE_TOKENS, QUERY_TOKENS, Settings
from training.study.transformer.vocabulary import trim

logger = logging.getLogger(__name__)

QUERY, PASSAGE = "query: ", "passage: "
WIDEST = 256
"""Maximum tokens of a whole passage in evaluation."""

Arrays = dict[str, NDArray[Any]]


def prepare(settings: Settings, data: Path, base: Path, out: Path) -> None:
    """Write everything that the runs need.

    Args:
        settings: Sizes of the study.
        data: Folder of the shared files.
        base: Folder of a BERT-like model with its tokenizer, in the layout of Hugging Face.
        out: File to write, which ends in .npz.
    """
    content = read_content(settings, data)
    texts = Texts.of(content)
    arrays: Arrays = _schedules(settings, content, texts) | _relations(content, texts) | _evaluation(content)
    widths = _texts_by_name(content, texts)
    arrays |= _tokens_and_words(widths, base, pieces=settings.pieces)
    about = {
        "settings": asdict(settings),
        "languages": list(LANGUAGES),
        "left out": content.left_out,
        "words replaced in switched questions": round(content.asked.replaced, 3),
        "questions": _counts(content),
    }
    arrays["about"] = np.array(json.dumps(about))
    out.parent.mkdir(parents=True, exist_ok=True)
    with replaced(out) as part, part.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    logger.info("%s: %.1f MB", out, out.stat().st_size / 1e6)


def _schedules(settings: Settings, content: Content, texts: Texts) -> Arrays:
    found: Arrays = {}
    for seed in settings.seeds:
        rows = draw_rows(content, texts, seed=seed)
        data = datasets_of(rows, texts)
        found[f"rows/{seed}"] = rows.texts.astype(np.int32)
        for name, mixing in mixings(settings).items():
            found[f"schedule/{name}/{seed}"] = plan_batches(data, mixing, settings, seed=seed).astype(np.int32)
        logger.info("seed %d: %d rows in %d datasets", seed, len(rows.texts), len(data))
    return found


def _relations(content: Content, texts: Texts) -> Arrays:
    """Return which passages form a group, and where a text's English version is; -1 for none."""
    count = len(LANGUAGES)
    group = np.r_[np.arange(texts.parallel) // count, np.full(texts.asked, -1)]
    english = np.arange(texts.parallel) // count * count + LANGUAGES.index("en")
    native = content.asked.languages == "en"
    question = np.where(native, texts.parallel + np.arange(texts.asked), -1)
    answer = np.where(native, texts.parallel + np.arange(texts.asked), -1)
    return {
        "group": group.astype(np.int32),
        "english_query": np.r_[english, question, question].astype(np.int32),
        "english_passage": np.r_[english, answer].astype(np.int32),
    }


def _evaluation(content: Content) -> Arrays:
    count = len(LANGUAGES)
    parallel, asked = content.parallel, content.asked
    found: Arrays = {
        "development_groups": np.flatnonzero(parallel.split == DEVELOPMENT),
        "test_groups": np.flatnonzero(parallel.split == TEST),
        "development_questions": np.flatnonzero(asked.split == DEVELOPMENT),
        "test_questions": np.flatnonzero(asked.split == TEST),
        "first_question": np.array(count * len(parallel.split)),
    }
    codes = {language: number for number, language in enumerate(LANGUAGES)}
    found["question_language"] = np.array([codes[code] for code in asked.languages.tolist()])
    xquad = content.xquad_r
    spoken = {code: number for number, code in enumerate(sorted({query.language for query in xquad.queries}))}
    place = {passage.id: number for number, passage in enumerate(xquad.passages)}
    table: dict[str, dict[str, int]] = {}
    for number, query in enumerate(xquad.queries):
        table.setdefault(query.group, {})[query.language] = number
    gold = np.zeros((len(table), len(spoken)), dtype=np.int64)
    for row, queries in enumerate(table.values()):
        for pid in xquad.qrels[xquad.queries[next(iter(queries.values()))].id]:
            gold[row, spoken[xquad.passages[place[pid]].language]] = place[pid]
    found |= {
        "xquad_languages": np.array(sorted(spoken)),
        "xquad_query": np.array([[queries[code] for code in sorted(spoken)] for queries in table.values()]),
        "xquad_gold": gold,
        "xquad_passage_language": np.array([spoken[passage.language] for passage in xquad.passages]),
    }
    scifact = content.scifact
    place = {passage.id: number for number, passage in enumerate(scifact.passages)}
    judged = [query for query in scifact.queries if scifact.qrels.get(query.id)]
    found["scifact_gold"] = np.array(
        [
            (row, place[pid])
            for row, query in enumerate(judged)
            for pid, grade in scifact.qrels[query.id].items()
            if grade > 0
        ]
    )
    return found


def _texts_by_name(content: Content, texts: Texts) -> dict[str, tuple[str, Sequence[str], int]]:
    """Return prompt, texts and maximum number of tokens by name."""
    asked, xquad, scifact = content.asked, content.xquad_r, content.scifact
    tested = np.flatnonzero(asked.split == TEST).tolist()
    judged = [query.text for query in scifact.queries if scifact.qrels.get(query.id)]
    return {
        "queries": (QUERY, texts.queries, QUERY_TOKENS),
        "passages": (PASSAGE, texts.passages, PASSAGE_TOKENS),
        "pool": (PASSAGE, [asked.passages[asked.passage[row]] for row in tested], WIDEST),
        "xquad_queries": (QUERY, [query.text for query in xquad.queries], PASSAGE_TOKENS),
        "xquad_passages": (PASSAGE, [passage.text for passage in xquad.passages], WIDEST),
        "scifact_queries": (QUERY, judged, PASSAGE_TOKENS),
        "scifact_passages": (PASSAGE, [passage.text for passage in scifact.passages], WIDEST),
    }


def _tokens_and_words(widths: dict[str, tuple[str, Sequence[str], int]], base: Path, *, pieces: int) -> Arrays:
    """Tokenise with the most used pieces, and keep their word embeddings and the base's layers."""
    from transformers import AutoModel, AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(str(base), local_files_only=True)
    prompted = {name: [prompt + text for text in texts] for name, (prompt, texts, _) in widths.items()}
    tokenizer, kept = trim(loaded.backend_tokenizer, chain.from_iterable(prompted.values()), most=pieces)
    pad = int(np.flatnonzero(kept == loaded.pad_token_id)[0])
    found: Arrays = {}
    for name, texts in prompted.items():
        found[f"tokens/{name}"] = _tokenized(tokenizer, texts, widths[name][2], pad)
        logger.info("%s: %d texts", name, len(texts))
    model = AutoModel.from_pretrained(str(base), local_files_only=True)
    embeddings = model.embeddings
    places = embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[:1]
    matrices, vectors = flatten_layers(model)
    return found | {
        "pad": np.array(pad),
        "heads": np.array(model.config.num_attention_heads),
        "epsilon": np.array(model.config.layer_norm_eps),
        "hidden": np.array(model.config.hidden_size),
        "words": pack_blocks(embeddings.word_embeddings.weight.detach().numpy()[kept]).ravel(),
        "places": places.detach().numpy()[:WIDEST].astype(np.float32),
        "norm": np.stack([embeddings.LayerNorm.weight.detach().numpy(), embeddings.LayerNorm.bias.detach().numpy()]),
        "matrices": pack_blocks(matrices).ravel(),
        "vectors": vectors,
    }


def _tokenized(tokenizer: Tokenizer, texts: Sequence[str], most: int, pad: int) -> NDArray[np.uint16]:
    ids = np.full((len(texts), most), pad, dtype=np.uint16)
    tokenizer.enable_truncation(most)
    for start in range(0, len(texts), 4096):
        for row, encoding in enumerate(tokenizer.encode_batch_fast(list(texts[start : start + 4096])), start=start):
            ids[row, : len(encoding.ids)] = encoding.ids
    return ids


def _counts(content: Content) -> dict[str, dict[str, int]]:
    asked = content.asked
    return {
        name: {
            code: int(((asked.split == split) & (asked.languages == code)).sum())
            for code in sorted(set(asked.languages.tolist()))
        }
        for name, split in (("training", 0), ("development", DEVELOPMENT), ("test", TEST))
    }
