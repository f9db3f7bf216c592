"""Translations of single words, from synsets in many languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.datasets.parquet import read_table


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Lower-cased words with their translations.

    Attributes:
        entries: Language -> word -> target language -> translations, sorted.
        languages: All languages, sorted.
    """

    entries: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]], *, most: int = 4) -> Lexicon:
        """From (synset, language, lemma); lemmas of one synset translate each other.

        Args:
            most: Translations kept per word and target language: frequent words have dozens, most of them rare senses.
        """
        synsets: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for synset, language, lemma in rows:
            synsets[synset].append((language, lemma.replace("_", " ").lower()))
        # A word's senses compete by how many synsets support each translation.
        counts: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
        for members in synsets.values():
            for language, word in members:
                targets = counts.setdefault(language, {}).setdefault(word, {})
                for other, translation in members:
                    if other != language:
                        found = targets.setdefault(other, {})
                        found[translation] = found.get(translation, 0) + 1
        entries = {
            language: {
                word: {
                    target: tuple(sorted(found, key=lambda text: (-found[text], text))[:most])
                    for target, found in targets.items()
                }
                for word, targets in words.items()
                if targets
            }
            for language, words in counts.items()
        }
        return cls(entries=entries, languages=tuple(sorted(counts)))

    @classmethod
    def read(cls, path: Path, *, languages: Sequence[str] = (), most: int = 4) -> Lexicon:
        """Read a Parquet file with `synset`, `lang`, `lemma`.

        Args:
            languages: Only these; empty for all.

        Raises:
            InputError: The file or one of its columns is missing.
        """
        table = read_table(path, ("synset", "lang", "lemma"), languages=languages)
        columns = (table[name].to_pylist() for name in ("synset", "lang", "lemma"))
        return cls.of(zip(*columns, strict=True), most=most)

    def translations(self, word: str, source: str, target: str) -> tuple[str, ...]:
        """Translations of a word in any case; empty when it is not in the lexicon."""
        return self.entries.get(source, {}).get(word.lower(), {}).get(target, ())

    def targets(self, word: str, source: str) -> tuple[str, ...]:
        """Languages that a word can be translated into, sorted."""
        return tuple(sorted(self.entries.get(source, {}).get(word.lower(), ())))
