"""Create small parallel tasks and oracle encoders with known values."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from searchapp.datatypes import FloatArray
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
MakeTask = Callable[..., RetrievalTask]


@pytest.fixture
def parallel_task() -> MakeTask:
    """Create `groups` questions in every language, one gold in each, and `fillers` other passages per language."""

    def make(groups: int = 6, languages: Sequence[str] = LANGUAGES, fillers: int = 20) -> RetrievalTask:
        passages = [
            TaskPassage(id=f"g{group}.{language}", text=f"gold {group} {language}", language=language)
            for language in languages
            for group in range(groups)
        ]
        passages += [
            TaskPassage(id=f"x{number}.{language}", text=f"filler {number} {language}", language=language)
            for language in languages
            for number in range(fillers)
        ]
        queries = tuple(
            TaskQuery(
                id=f"q{group}.{language}", text=f"ask {group} {language}", languages=(language,), group=f"q{group}"
            )
            for language in languages
            for group in range(groups)
        )
        qrels = {
            f"q{group}.{asked}": {f"g{group}.{language}": 1 for language in languages}
            for group in range(groups)
            for asked in languages
        }
        return RetrievalTask(
            name="toy", queries=queries, passages=tuple(passages), qrels=qrels, measures=("mAP", "R@20")
        )

    return make


class Oracle:
    """Reads "ask 3 de", "gold 3 de", "filler 7 de", and weights the shared question and the shared language."""

    dimension = 1200
    fingerprint = "oracle"

    def __init__(self, *, meaning: float, language: float) -> None:
        self.name = f"oracle {meaning} {language}"
        self._weights = meaning, language

    def _embed(self, texts: Sequence[str], *, weights: tuple[float, float]) -> FloatArray:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            kind, number, language = text.split()
            if kind != "filler":
                vectors[row, int(number)] = weights[0]
            vectors[row, 1100 + LANGUAGES.index(language)] = weights[1]
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self._embed(texts, weights=self._weights)

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        return self._embed(texts, weights=(1.0, 1.0))

    def close(self) -> None:
        pass


class RandomOracle(Oracle):
    """Gives every text a random direction."""

    dimension = 64

    def __init__(self) -> None:
        super().__init__(meaning=0, language=0)

    def _embed(self, texts: Sequence[str], *, weights: tuple[float, float]) -> FloatArray:
        rows = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(self.dimension) for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def perfect() -> Oracle:
    return Oracle(meaning=1.0, language=0.0)


@pytest.fixture
def own_language_first() -> Oracle:
    return Oracle(meaning=1.0, language=2.0)


@pytest.fixture
def ignorant() -> Oracle:
    return RandomOracle()


@pytest.fixture
def lareqa_folder(tmp_path: Path) -> Path:
    """Write two paragraphs in three languages in LAReQA's layout; the second has a sentence of another length in Thai."""
    folder = tmp_path / "lareqa"
    folder.mkdir()
    for language in ("de", "en", "th"):
        first = [f"Tea grows in {language} hills.", f"It is picked in spring {language}."]
        second = [f"Wings push air down {language}.", f"Planes land into the wind {language}."]
        paragraphs = []
        for place, sentences in enumerate((first, second)):
            context = " ".join(sentences)
            starts = [context.index(sentence) for sentence in sentences]
            paragraphs.append(
                {
                    "context": context,
                    "sentences": sentences,
                    "sentence_breaks": [
                        [start, start + len(sentence)] for start, sentence in zip(starts, sentences, strict=True)
                    ],
                    "qas": [
                        {
                            "id": f"p{place}s{number}",
                            "question": f"{language}: {sentence[:12]}?",
                            "answers": [{"text": sentence[:4], "answer_start": start + 1}],
                        }
                        for number, (start, sentence) in enumerate(zip(starts, sentences, strict=True))
                    ],
                }
            )
        content = {"version": "1.1", "data": [{"title": "toy", "paragraphs": paragraphs}]}
        (folder / f"{language}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder
