"""Translate single words with a lexicon of lemmas grouped by meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import regex

from searchapp.errors import InputError
from searchapp.files.parquet import read_table
from searchapp.files.text_lines import read_columns

COLUMNS = ("synset", "lang", "lemma")
SHORT = 3
"""Maximum length of words that may stay untranslated without counting as missing, such as articles."""
WORD = regex.compile(r"[\p{L}\p{M}\p{Nd}]+(?:['’-][\p{L}\p{M}]+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Lemmas grouped by meaning. Lemmas of the same synset are translations of each other.

    Attributes:
        meanings: Language -> lower-cased lemma -> synsets.
        lemmas: (synset, language) -> lemmas as written, with spaces between the words of a phrase.
        most: Maximum translations per word and target language. Frequent words have dozens, most of them rare senses.
    """

    meanings: Mapping[str, Mapping[str, tuple[str, ...]]]
    lemmas: Mapping[tuple[str, str], tuple[str, ...]]
    most: int = 4

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]], *, most: int = 4) -> Lexicon:
        """Create a lexicon from rows.

        Args:
            rows: Triples of synset, language and lemma. An underscore in a lemma stands for a space.
            most: Maximum translations per word and target language.
        """
        meanings: dict[str, dict[str, list[str]]] = {}
        lemmas: dict[tuple[str, str], list[str]] = {}
        for synset, language, written in rows:
            lemma = written.replace("_", " ")
            meanings.setdefault(language, {}).setdefault(lemma.lower(), []).append(synset)
            lemmas.setdefault((synset, language), []).append(lemma)
        return cls(
            meanings={code: {word: tuple(own) for word, own in words.items()} for code, words in meanings.items()},
            lemmas={key: tuple(own) for key, own in lemmas.items()},
            most=most,
        )

    @classmethod
    def read(cls, path: Path, *, languages: Collection[str] | None = None, most: int = 4) -> Lexicon:
        """Read a Parquet or tab-separated file with columns `synset`, `lang`, `lemma`.

        Args:
            path: The file.
            languages: Languages to keep; None or empty keeps all.
            most: Maximum translations per word and target language.

        Raises:
            InputError: The file is missing or damaged, lacks a column, or has no lemma in the languages.
            MissingExtraError: Parquet needs pyarrow.
        """
        found = cls.of(
            (
                (synset, language, lemma)
                for synset, language, lemma in _rows(path)
                if not languages or language in languages
            ),
            most=most,
        )
        if not found.meanings:
            raise InputError(f"no lemma in any of {', '.join(sorted(languages or ())) or 'its languages'}", path=path)
        return found

    @property
    def languages(self) -> tuple[str, ...]:
        """Return all languages, sorted."""
        return tuple(sorted(self.meanings))

    def words(self, language: str) -> Mapping[str, tuple[str, ...]]:
        """Return the lower-cased words of a language with their synsets.

        Args:
            language: BCP 47 primary subtag.
        """
        return self.meanings.get(language, {})

    def translations(self, word: str, source: str, target: str) -> tuple[str, ...]:
        """Return a word's translations, those that most of its meanings share first, then by length.

        Args:
            word: A word in any case.
            source: Language of the word.
            target: Language of the translations.
        """
        counts = Counter(self._lemmas(word, source, target))
        return tuple(sorted(counts, key=lambda lemma: (-counts[lemma], len(lemma), lemma)))[: self.most]

    def targets(self, word: str, source: str) -> tuple[str, ...]:
        """Return the languages that a word can be translated into, sorted.

        Args:
            word: A word in any case.
            source: Language of the word.
        """
        return tuple(code for code in self.languages if code != source and self._lemmas(word, source, code))

    def translate(self, word: str, *, source: str, target: str, random: Random) -> str | None:
        """Draw one of a word's translations at random; None if the lexicon has none.

        Args:
            word: A word in any case.
            source: Language of the word.
            target: Language of the translation.
            random: Source of randomness.
        """
        choices = self._lemmas(word, source, target)
        return random.choice(choices) if choices else None

    def likeliest(self, word: str, *, source: str, target: str) -> str | None:
        """Return the translation that most of a word's meanings share, the shortest among equals; None if there is none.

        Args:
            word: A word in any case.
            source: Language of the word.
            target: Language of the translation.
        """
        return next(iter(self.translations(word, source, target)), None)

    def _lemmas(self, word: str, source: str, target: str) -> list[str]:
        synsets = self.words(source).get(word.lower(), ())
        return [lemma for synset in synsets for lemma in self.lemmas.get((synset, target), ())]


@dataclass(frozen=True, slots=True)
class LexiconTranslator:
    """A `Translator` that replaces the words that a lexicon knows and keeps all others.

    It uses no grammar. That is enough to see what a search finds for the same words in another language. Text without
    spaces is not segmented into words, so few of its words are found.
    """

    lexicon: Lexicon

    def translate(self, text: str, source: str, target: str) -> str:
        """Replace the known words of a text; return an empty string if fewer than half of its longer words are known.

        Args:
            text: Text in the source language.
            source: BCP 47 primary subtag.
            target: BCP 47 primary subtag.
        """
        words = [word for word in WORD.findall(text) if len(word) > SHORT]
        known = [word for word in words if self.lexicon.likeliest(word, source=source, target=target)]
        if not known or 2 * len(known) < len(words):
            return ""

        def replace(match: Any) -> str:
            return self.lexicon.likeliest(match[0], source=source, target=target) or str(match[0])

        return str(WORD.sub(replace, text))


def _rows(path: Path) -> Iterable[tuple[str, ...]]:
    """Read synset, language and lemma of every row."""
    if path.suffix != ".parquet":
        return read_columns(path, COLUMNS)
    columns = read_table(path, COLUMNS).to_pydict()
    return zip(*(map(str, columns[name]) for name in COLUMNS), strict=True)
