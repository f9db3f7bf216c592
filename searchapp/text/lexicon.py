"""Word translations: lemmas by meaning, and a translator that goes word by word."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import regex

from searchapp.errors import InputError
from searchapp.files.parquet import read_table

COLUMNS = ("synset", "lang", "lemma")
SHORT = 3
"""Letters up to which a word does not count as missing: most such words are articles and the like."""
WORD = regex.compile(r"[\p{L}\p{M}\p{Nd}]+(?:['’-][\p{L}\p{M}]+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Lemmas by meaning.

    Attributes:
        meanings: (language, lower-cased lemma) -> synsets.
        lemmas: (synset, language) -> lemmas.
    """

    meanings: Mapping[tuple[str, str], tuple[str, ...]]
    lemmas: Mapping[tuple[str, str], tuple[str, ...]]

    @classmethod
    def read(cls, path: Path, *, languages: Collection[str] | None = None) -> Lexicon:
        """Read a Parquet or tab-separated file with columns `synset`, `lang`, `lemma`, keeping `languages` (None: all).

        Raises:
            InputError: The file is missing, damaged, or lacks a column.
            MissingExtraError: Parquet needs pyarrow.
        """
        rows = _parquet(path) if path.suffix == ".parquet" else _tsv(path)
        meanings: dict[tuple[str, str], list[str]] = {}
        lemmas: dict[tuple[str, str], list[str]] = {}
        for synset, language, lemma in rows:
            if languages is None or language in languages:
                meanings.setdefault((language, lemma.lower()), []).append(synset)
                lemmas.setdefault((synset, language), []).append(lemma)
        if not meanings:
            raise InputError(f"no lemma in any of {', '.join(sorted(languages or ())) or 'its languages'}", path=path)
        return cls(
            meanings={key: tuple(value) for key, value in meanings.items()},
            lemmas={key: tuple(value) for key, value in lemmas.items()},
        )

    def translate(self, word: str, *, source: str, target: str, random: Random) -> str | None:
        """A translation of a word, drawn from all its meanings; None when the lexicon has none."""
        synsets = self.meanings.get((source, word.lower()), ())
        choices = [lemma for synset in synsets for lemma in self.lemmas.get((synset, target), ())]
        return random.choice(choices) if choices else None

    def likeliest(self, word: str, *, source: str, target: str) -> str | None:
        """The translation that most of a word's meanings share, the shortest of equals; None when there is none."""
        synsets = self.meanings.get((source, word.lower()), ())
        counts = Counter(lemma for synset in synsets for lemma in self.lemmas.get((synset, target), ()))
        return min(counts, key=lambda lemma: (-counts[lemma], len(lemma), lemma), default=None)


@dataclass(frozen=True, slots=True)
class LexiconTranslator:
    """A `Translator` that replaces the words that a lexicon knows, as they are written, and leaves the others.

    It knows no grammar: good enough to ask a search what it finds by the same words in another language. Text without
    spaces between its words is not cut into words, so mostly nothing in it is found.
    """

    lexicon: Lexicon

    def translate(self, text: str, source: str, target: str) -> str:
        """The text with its known words replaced; empty when fewer than half of its longer words are known."""
        words = [word for word in WORD.findall(text) if len(word) > SHORT]
        known = [word for word in words if self.lexicon.likeliest(word, source=source, target=target)]
        if not known or 2 * len(known) < len(words):
            return ""

        def replace(match: Any) -> str:
            return self.lexicon.likeliest(match[0], source=source, target=target) or str(match[0])

        return str(WORD.sub(replace, text))


def _parquet(path: Path) -> Iterable[tuple[str, str, str]]:
    columns = read_table(path, COLUMNS).to_pydict()
    return zip(*(map(str, columns[name]) for name in COLUMNS), strict=True)


def _tsv(path: Path) -> list[tuple[str, str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := set(COLUMNS) - set(reader.fieldnames or ()):
                raise InputError(f"no column {', '.join(sorted(missing))}; expected {', '.join(COLUMNS)}", path=path)
            return [(row["synset"], row["lang"], row["lemma"]) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from error
