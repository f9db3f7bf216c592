"""Keep all training text as token ids in one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.datasets.translations import Translations
from training.static.data import IntArray, Questions, Tokens

PIVOT = "en"
PARALLEL = ("flores200", "ntrex128")
"""Sources of running text in all languages, used whole except for the held-out end."""
HELD_LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")


@dataclass(frozen=True, slots=True)
class Corpus:
    """All training text as token ids, without special tokens and prompts.

    Attributes:
        translations: Rows sorted by group; its texts may be empty.
        held: (groups,) held-out translation groups, a run at the end of each parallel source.
        held_rows: (held groups, languages) rows of the held-out groups in `HELD_LANGUAGES`.
        words: Queries of some words of each held-out row, in the order of `held_rows`.
        switched: Each question, code-switched into one other language.
        held_passages: (passages,) whether a passage and all its questions are held out.
    """

    translations: Translations
    translation_tokens: Tokens
    held: NDArray[np.bool_]
    held_rows: IntArray
    words: Tokens
    lexicon: Translations
    lexicon_tokens: Tokens
    questions: Questions
    question_tokens: Tokens
    switched: Tokens
    sentence_tokens: Tokens
    held_passages: NDArray[np.bool_]

    def save(self, path: Path) -> None:
        """Write everything into one .npz file.

        Args:
            path: File to write, which ends in .npz.
        """
        arrays: dict[str, NDArray[np.generic]] = {"held": self.held, "held_rows": self.held_rows}
        for name in ("translation_tokens", "words", "lexicon_tokens", "question_tokens", "switched", "sentence_tokens"):
            tokens: Tokens = getattr(self, name)
            arrays[f"{name}.low"] = (tokens.ids & 0xFFFF).astype(np.uint16)
            arrays[f"{name}.high"] = (tokens.ids >> 16).astype(np.uint8)
            arrays[f"{name}.lengths"] = np.diff(tokens.offsets).astype(np.uint16)
        for name in ("translations", "lexicon"):
            data: Translations = getattr(self, name)
            arrays[f"{name}.groups"] = np.diff(data.groups, prepend=0).astype(np.uint8)
            for column in ("languages", "sources"):
                names, codes = np.unique(getattr(data, column), return_inverse=True)
                arrays[f"{name}.{column}.names"], arrays[f"{name}.{column}"] = names, codes.astype(np.uint8)
        questions = self.questions
        arrays |= {
            "questions.languages": questions.languages,
            "questions.gold": questions.gold.astype(np.int32),
            "questions.spans": questions.spans.astype(np.int32),
            "held_passages": self.held_passages,
        }
        np.savez(path, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """Read a file written by `save`; texts are empty.

        Args:
            path: File to read.
        """
        with np.load(path) as file:
            arrays = dict(file)

        def tokens(name: str) -> Tokens:
            ids = arrays[f"{name}.low"].astype(np.int32) | arrays[f"{name}.high"].astype(np.int32) << 16
            return Tokens(ids=ids, offsets=np.r_[0, np.cumsum(arrays[f"{name}.lengths"], dtype=np.int64)])

        def translations(name: str) -> Translations:
            languages, sources = (arrays[f"{name}.{c}.names"][arrays[f"{name}.{c}"]] for c in ("languages", "sources"))
            groups = np.cumsum(arrays[f"{name}.groups"], dtype=np.int64)
            return Translations(texts=[], languages=languages, groups=groups, sources=sources)

        spans = arrays["questions.spans"].astype(np.int64)
        questions = Questions(
            questions=[],
            languages=arrays["questions.languages"],
            sentences=[],
            contexts=[],
            gold=arrays["questions.gold"].astype(np.int64),
            passage=np.repeat(np.arange(len(spans) - 1), np.diff(spans)),
            spans=spans,
        )
        return cls(
            translations=translations("translations"),
            translation_tokens=tokens("translation_tokens"),
            held=arrays["held"],
            held_rows=arrays["held_rows"],
            words=tokens("words"),
            lexicon=translations("lexicon"),
            lexicon_tokens=tokens("lexicon_tokens"),
            questions=questions,
            question_tokens=tokens("question_tokens"),
            switched=tokens("switched"),
            sentence_tokens=tokens("sentence_tokens"),
            held_passages=arrays["held_passages"],
        )
