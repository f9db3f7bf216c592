"""The lexical leg: BM25 term weights as sparse vectors, each text analysed in its own language.

Terms are what Qdrant Edge's BM25 model makes of a text: a multilingual word segmenter (Thai, Chinese and Japanese
included), that language's Snowball stemmer and stop words where there are any. A term's index is the hash of the term
alone, not of its language: names and numbers must match across languages, and that is worth the rare homograph.
Stemmers would undo that (`Panthers` is `panther` in English and `panth` in German), so where a language has one the
unstemmed words are terms too. The engine's segmenter drops numbers, so they are added here, their digits read in any
script (`١٩٩٩` is `1999`).
"""

from __future__ import annotations

import re
import threading
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import qdrant_edge as edge

from searchapp.datatypes import LanguageSpan
from searchapp.errors import StoreError
from searchapp.stores.base import SparseVector

ANALYSER = "edge-bm25-multilingual-stems+words+numbers-1"
"""Name of this way of making terms; changes when the same text would give other terms."""

AVERAGE_LENGTH = 24.0
"""Terms in a passage: the mean over a sentence and over a 128-token passage lies between 15 and 40."""

_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d{1,18}")

STEMMERS = {
    "ar": "Arabic", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fi": "Finnish",
    "fr": "French", "hu": "Hungarian", "hy": "Armenian", "it": "Italian", "nl": "Dutch", "no": "Norwegian",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "ta": "Tamil", "tr": "Turkish",
}  # fmt: skip
STOP_WORDS = {
    "ar": "Arabic", "az": "Azerbaijani", "bn": "Bengali", "ca": "Catalan", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "eu": "Basque", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "kk": "Kazakh", "ne": "Nepali",
    "nl": "Dutch", "no": "Norwegian", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sl": "Slovene",
    "sv": "Swedish", "tr": "Turkish", "zh": "Chinese",
}  # fmt: skip


class LexicalEncoder:
    """Text to BM25 term weights; thread-safe.

    Args:
        k: Saturation of the term frequency.
        b: How much a passage's length counts, 0 to 1.
        average_length: Terms in an average passage.
    """

    def __init__(self, *, k: float = 1.2, b: float = 0.75, average_length: float = AVERAGE_LENGTH) -> None:
        self._k, self._b, self._average_length = k, b, average_length
        self._models: dict[str, tuple[edge.Bm25, edge.Bm25 | None]] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_configuration(cls, configuration: Mapping[str, Any]) -> LexicalEncoder:
        """Rebuild the one that a manifest describes; raises StoreError when this version makes other terms."""
        if configuration.get("analyser") != ANALYSER:
            raise StoreError(
                f"the index's terms were made by {configuration.get('analyser')!r}, this version makes {ANALYSER!r}: "
                "rebuild the index"
            )
        return cls(
            k=float(configuration["k"]),
            b=float(configuration["b"]),
            average_length=float(configuration["average_length"]),
        )

    @property
    def configuration(self) -> dict[str, Any]:
        """What a reader needs to make the same terms."""
        return {"analyser": ANALYSER, "k": self._k, "b": self._b, "average_length": self._average_length}

    def encode_passages(self, texts: Sequence[str], languages: Sequence[str]) -> list[SparseVector]:
        """Weigh each passage's terms; empty for a text without any."""
        vectors = []
        for text, language in zip(texts, languages, strict=True):
            words, stems = self._models_of(language)
            found = words.embed_document(text)
            terms = dict(zip(found.indices, found.values, strict=True))
            if stems is not None:
                stemmed = stems.embed_document(text)
                terms.update(zip(stemmed.indices, stemmed.values, strict=True))
            for number, count in Counter(_numbers(text)).items():
                terms[number] = self._weight(count, length=len(found.indices))
            vectors.append(SparseVector(tuple(terms), tuple(terms.values())))
        return vectors

    def encode_query(self, spans: Sequence[LanguageSpan]) -> SparseVector:
        """Terms of all spans, each analysed in its own language, weight 1; IDF is applied by the store."""
        indices: set[int] = set()
        for span in spans:
            for model in self._models_of(span.language):
                if model is not None:
                    indices.update(model.embed_query(span.text).indices)
        indices.update(number for span in spans for number in _numbers(span.text))
        return SparseVector(tuple(sorted(indices)), (1.0,) * len(indices))

    def _weight(self, count: int, *, length: int) -> float:
        """BM25's saturated term frequency (Robertson & Zaragoza 2009, eq. 3.15), as the engine computes it."""
        norm = self._k * (1 - self._b + self._b * length / self._average_length)
        return count * (self._k + 1) / (count + norm)

    def _models_of(self, language: str) -> tuple[edge.Bm25, edge.Bm25 | None]:
        """The analysers of a language: words as they are, and their stems where there is a stemmer."""
        with self._lock:
            if language not in self._models:
                stems = edge.Bm25(self._settings(language, stem=True)) if language in STEMMERS else None
                self._models[language] = (edge.Bm25(self._settings(language, stem=False)), stems)
            return self._models[language]

    def _settings(self, language: str, *, stem: bool) -> edge.Bm25Config:
        words: set[edge.Language] = set()
        if language in STOP_WORDS:
            words.add(getattr(edge.Language, STOP_WORDS[language]))
        stemmer: edge.StemmingAlgorithm = edge.DisabledStemmer()
        if stem:
            stemmer = edge.SnowballParams(getattr(edge.SnowballLanguage, STEMMERS[language]))
        return edge.Bm25Config(
            k=self._k,
            b=self._b,
            avg_len=self._average_length,
            tokenizer=edge.TokenizerType.Multilingual,
            lowercase=True,
            stopwords=edge.StopwordsSet(languages=words, custom=set()),
            stemmer=stemmer,
        )


def _numbers(text: str) -> list[int]:
    """Indices of the numbers in a text; `1,000` and `3.5` are two numbers each, in passages and queries alike."""
    if not _DIGIT.search(text):
        return []
    return [zlib.crc32(b"#" + str(int(digits)).encode()) for digits in _DIGITS.findall(text)]
