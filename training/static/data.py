"""Read lemmas and questions, and turn texts into arrays of token ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from searchapp.encoders.sounds import Sounds
from searchapp.files.parquet import read_table
from searchapp.text.passages import sentences as cut_sentences
from training.datasets.translations import Translations

IntArray = NDArray[np.int64]
QUESTION_TOKENS = 64
CONTEXT_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of many texts, concatenated; text `i` is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: NDArray[np.int32]
    offsets: IntArray

    def bag(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Collect texts for an EmbeddingBag: (ids, offset of each text's first id).

        Args:
            rows: (n,) numbers of texts.
        """
        starts, lengths = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        positions = np.repeat(starts - firsts, lengths) + np.arange(int(lengths.sum()))
        return self.ids[positions].astype(np.int64), firsts


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions, candidate sentences and contexts.

    Attributes:
        gold: Row of the sentence that answers each question.
        passage: Passage of each sentence; `spans[p]:spans[p + 1]` are the sentences of passage `p`.
    """

    questions: list[str]
    languages: NDArray[np.str_]
    sentences: list[str]
    contexts: list[str]
    gold: IntArray
    passage: IntArray
    spans: IntArray


def read_lexicon(path: Path) -> Translations:
    """Read the lemmas as translation groups, one per synset.

    Args:
        path: Parquet file with columns `synset`, `lang` and `lemma`.
    """
    table = read_table(path, ("synset", "lang", "lemma")).sort_by("synset")
    synsets = np.unique(np.array(table["synset"].to_pylist()), return_inverse=True)[1]
    keep = np.bincount(synsets)[synsets] > 1
    table = table.filter(keep)
    return Translations(
        texts=[lemma.replace("_", " ") for lemma in table["lemma"].to_pylist()],
        languages=np.array(table["lang"].to_pylist()),
        groups=np.unique(synsets[keep], return_inverse=True)[1].astype(np.int64),
        sources=np.full(table.num_rows, "lexicon"),
    )


def read_answer_sentences(path: Path, sources: Sequence[str]) -> Questions:
    """Split the passages into sentences; a question's gold is the sentence with its answer.

    Without an answer (sources with long answers) the first sentence represents the passage. Questions whose answer is
    not in the passage are left out.

    Args:
        path: Parquet file with columns `lang`, `question`, `passage`, `answer` and `title`.
        sources: Names of the sources to read.
    """
    table = read_table(path, ("lang", "question", "passage", "answer", "title"), sources=sources)
    known: dict[tuple[str, str], int] = {}
    sentences: list[str] = []
    contexts: list[str] = []
    spans = [0]
    cuts: list[list[int]] = []
    questions, languages, gold = [], [], []
    for row in table.to_pylist():
        context = row["passage"][:CONTEXT_CHARACTERS]
        at = context.find(row["answer"]) if row["answer"] else 0
        if at < 0:
            continue
        key = (row["lang"], context)
        if key not in known:
            known[key] = len(contexts)
            pieces = [
                (first, last) for first, last in cut_sentences(context, row["lang"]) if context[first:last].strip()
            ]
            cuts.append([start for start, _ in pieces])
            sentences += [context[start:end] for start, end in pieces]
            contexts.append(f"{row['title']} {context}" if row["title"] else context)
            spans.append(len(sentences))
        number = known[key]
        questions.append(row["question"])
        languages.append(row["lang"])
        gold.append(spans[number] + int(np.searchsorted(cuts[number], at, side="right")) - 1)
    bounds = np.array(spans, dtype=np.int64)
    return Questions(
        questions=questions,
        languages=np.array(languages),
        sentences=sentences,
        contexts=contexts,
        gold=np.array(gold, dtype=np.int64),
        passage=np.repeat(np.arange(len(contexts)), np.diff(bounds)),
        spans=bounds,
    )


def tokenize(tokenizer: Tokenizer, sounds: Sounds, texts: Sequence[str], *, limit: int = 512) -> Tokens:
    """Tokenise texts into pieces, each followed by its sounds, which are numbered after the pieces.

    Args:
        tokenizer: Trained tokenizer.
        sounds: Hashes the sounds of each text.
        texts: Texts to tokenise; may be empty.
        limit: Maximum pieces per text, sounds not counted.
    """
    parts: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    pieces = tokenizer.get_vocab_size()
    for start in range(0, len(texts), 8192):
        batch = list(texts[start : start + 8192])
        heard, offsets = sounds.features(batch)
        heard += pieces
        for row, encoding in enumerate(tokenizer.encode_batch_fast(batch)):
            ids = np.array(encoding.ids[:limit], dtype=np.int32)
            own = heard[offsets[row] : offsets[row + 1]]
            parts += [ids, own]
            lengths.append(len(ids) + len(own))
    ids = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
    return Tokens(ids=ids, offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
