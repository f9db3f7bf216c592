"""Encode texts as sparse BM25 vectors, each text analysed in its own language.

The terms come from `searchapp.text.terms`, and the store applies the inverse document frequency. A passage is weighted by
BM25's saturated term frequencies (Robertson & Zaragoza 2009, eq. 3.15) over two weighted fields, its text and its title
(BM25F, eq. 3.19, with one length). In a query a stem weighs 1 and the word itself less, so that an exact match scores
somewhat higher than another form of the word. Parts of compounds and sounds weigh least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from searchapp.datatypes import LanguageSpan, SparseVector
from searchapp.errors import StoreError
from searchapp.text.terms import Vocabulary, has_unspaced, number_terms, sound_terms, split_unspaced, vocabulary

ANALYSER = "fields+folds+stems+parts+sounds-5"
"""Version of the term analysis. Change it whenever the same text would produce different terms."""

AVERAGE_LENGTH = 96.0
"""Words in a passage of average length. A value that is too low penalises longer passages: 96 instead of 24 raises the
mean reciprocal rank by 2.4 to 9.4 points on paragraphs (85 words) and by 0.8 to 4.2 on sentences (15 to 30 words), measured
on questions in Arabic, English, Swahili and Turkish."""

WORD_WEIGHT = 0.3
"""Weight of a query word; its stem has weight 1. Within a language 0.3 gains 1.2 to 2.0 points of mean reciprocal rank
over 1 (Arabic, English, Turkish) and loses nothing when finding translations in eight other languages (.625, .623)."""

UNSURE_IN_PASSAGE = 0.4
"""Term frequency of a compound part, a sound or a fragment in a passage, relative to a word."""

UNSURE_IN_QUERY = 0.2
"""Weight of compound parts, sounds and fragments in a query."""

OTHER_LANGUAGE = 0.5
"""Weight of the stems in an alternative language of a query, relative to those in the likeliest language."""

TITLE_WEIGHT = 1.0
"""Term frequency of a word in the title, relative to a word in the text. On held-out questions the mean reciprocal rank
rises from .800 without titles to .821 in Arabic and from .716 to .784 in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalConfiguration:
    """Everything that a reader needs to make the same terms from the same text.

    Attributes:
        analyser: Version of the term analysis, such as `ANALYSER`.
        k: Saturation of the term frequency.
        b: Strength of the length normalisation, 0 to 1.
        average_length: Words in an average passage.
        title_weight: Term frequency of a title word, relative to a text word; 0 in collections from before titles counted.
    """

    analyser: str
    k: float
    b: float
    average_length: float
    title_weight: float = 0.0


class LexicalEncoder:
    """Turn texts into BM25 term weights. Thread-safe.

    Args:
        k: Saturation of the term frequency.
        b: Strength of the length normalisation, 0 to 1.
        average_length: Words in an average passage.
        title_weight: Term frequency of a title word, relative to a text word; 0 ignores titles.
    """

    def __init__(
        self,
        *,
        k: float = 1.2,
        b: float = 0.75,
        average_length: float = AVERAGE_LENGTH,
        title_weight: float = TITLE_WEIGHT,
    ) -> None:
        self._k, self._b, self._average_length, self._title_weight = k, b, average_length, title_weight

    @classmethod
    def from_configuration(cls, configuration: LexicalConfiguration | None) -> LexicalEncoder:
        """Create the encoder that a manifest describes.

        Args:
            configuration: The value of `configuration` when the collection was built; None without a lexical leg.

        Raises:
            StoreError: The collection's terms were made by another version of the analysis.
        """
        if configuration is None or configuration.analyser != ANALYSER:
            made = configuration.analyser if configuration else None
            raise StoreError(
                f"the index's terms were made by {made!r}, this version makes {ANALYSER!r}: rebuild the index"
            )
        return cls(
            k=configuration.k,
            b=configuration.b,
            average_length=configuration.average_length,
            title_weight=configuration.title_weight,
        )

    @property
    def configuration(self) -> LexicalConfiguration:
        """Return everything that a reader needs to produce the same terms."""
        return LexicalConfiguration(
            analyser=ANALYSER,
            k=self._k,
            b=self._b,
            average_length=self._average_length,
            title_weight=self._title_weight,
        )

    def encode_passages(
        self, texts: Sequence[str], languages: Sequence[str], titles: Sequence[str] = ()
    ) -> list[SparseVector]:
        """Weight each passage's terms. A text without terms gives an empty vector.

        Args:
            texts: Normalised texts.
            languages: BCP 47 primary subtag of each text, or `und`.
            titles: Title of each text, or an empty sequence.
        """
        titled = titles or [""] * len(texts)
        return [
            self._encode(text, title, language) for text, title, language in zip(texts, titled, languages, strict=True)
        ]

    def encode_query(self, spans: Sequence[LanguageSpan]) -> SparseVector:
        """Weight the terms of all spans, each analysed in its own language; the store applies the IDF.

        Words weigh 1 if their language is unknown or has no stemmer. Stop words are dropped unless the query has nothing else
        or they are written in capitals in a lower-case query.

        Args:
            spans: Consecutive spans of the query.
        """
        weights: dict[int, float] = {}
        for span in spans:
            _weigh(span, weights, stop_words=False)
        if not weights:
            for span in spans:
                _weigh(span, weights, stop_words=True)
        indices = sorted(weights)
        return SparseVector(tuple(indices), tuple(weights[index] for index in indices))

    def encode_parts(self, parts: Sequence[tuple[Sequence[LanguageSpan], float]]) -> SparseVector:
        """Weight the terms of several texts together. A term of several texts gets its largest weight.

        Args:
            parts: Pairs of a text's spans and the text's weight.
        """
        weights: dict[int, float] = {}
        for spans, weight in parts:
            found = self.encode_query(spans)
            for index, value in zip(found.indices, found.values, strict=True):
                weights[index] = max(weights.get(index, 0.0), weight * value)
        indices = sorted(weights)
        return SparseVector(tuple(indices), tuple(weights[index] for index in indices))

    def _encode(self, text: str, title: str, language: str) -> SparseVector:
        known = vocabulary(language)
        sure, unsure, length = _terms(text, known)
        counts: dict[int, float] = Counter(sure)  # type: ignore[assignment]  # an int is a float
        for term in unsure:
            counts[term] = counts.get(term, 0.0) + UNSURE_IN_PASSAGE
        if title and self._title_weight:
            _add_title(title, known, counts, self._title_weight)
        norm = self._k * (1 - self._b + self._b * length / self._average_length)
        top = self._k + 1
        return SparseVector(tuple(counts), tuple([count * top / (count + norm) for count in counts.values()]))


def _terms(text: str, known: Vocabulary) -> tuple[list[int], list[int], float]:
    """Return a field's certain terms, its uncertain terms (both with repetition) and its length without stop words."""
    terms: list[int] = []
    unsure: list[int] = []
    length = 0.0
    rest = text
    if has_unspaced(text):
        terms, unsure, length, rest = split_unspaced(text, known)
    for piece in rest.split():
        _, _, sure, fragments, words = known[piece]
        terms += sure
        length += words
        if fragments:
            unsure += fragments
    values = number_terms(text)
    if values:
        terms += values
    return terms, unsure, length + len(values)


def _add_title(title: str, known: Vocabulary, counts: dict[int, float], weight: float) -> None:
    """Add the terms of a title to the counts."""
    sure, unsure, _ = _terms(title, known)
    for term in sure:
        counts[term] = counts.get(term, 0.0) + weight
    for term in unsure:
        counts[term] = counts.get(term, 0.0) + weight * UNSURE_IN_PASSAGE


def _weigh(span: LanguageSpan, weights: dict[int, float], *, stop_words: bool) -> None:
    """Add the terms of a query span to the weights, with or without its stop words."""
    text = rest = span.text
    known = vocabulary(span.language)
    if has_unspaced(text):
        sure, unsure, _, rest = split_unspaced(text, known)
        weights.update(dict.fromkeys(sure, 1.0))
        for term in unsure:
            weights.setdefault(term, UNSURE_IN_QUERY)
    word_weight = WORD_WEIGHT if known.has_stems else 1.0
    shouting = text.isupper()
    for piece in rest.split():
        found = known[piece]
        if found.is_stop and not stop_words and (shouting or not _is_acronym(piece)):
            continue
        weights.update(dict.fromkeys(found.stems, 1.0))
        for term in found.words:
            weights.setdefault(term, word_weight)
        for term in (*found.unsure, *sound_terms(piece)):
            weights.setdefault(term, UNSURE_IN_QUERY)
        for language in span.alternatives:
            for term in vocabulary(language)[piece].stems:
                weights.setdefault(term, OTHER_LANGUAGE)
    weights.update(dict.fromkeys(number_terms(text), 1.0))


def _is_acronym(piece: str) -> bool:
    return piece.isupper() and len(piece) > 1
