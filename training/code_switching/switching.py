"""Replace words by their translations, bilingually or multilingually (arXiv 2305.05295)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from datasets import Dataset

from searchapp.text.lexicon import Lexicon
from training.code_switching.words import cut, is_unspaced
from training.columns import ANCHOR, PASSAGE_LANGUAGE, POSITIVE, QUERY_LANGUAGE


@dataclass(frozen=True, slots=True)
class Switched:
    """A switched text.

    Attributes:
        words: Number of words in the text, known to the lexicon or not.
        replaced: Number of words that were replaced.
    """

    text: str
    words: int
    replaced: int


@dataclass(frozen=True, slots=True)
class CodeSwitcher:
    """Replaces words with a probability; words that the lexicon lacks are kept.

    The result depends only on the seed and the text, so that a resumed run sees the same rows.

    Args:
        probability: Probability of replacing a word.
        kind: `bilingual` draws one target language per text, `multilingual` one per word.
        languages: Target languages; empty for all of the lexicon.
    """

    lexicon: Lexicon
    probability: float = 0.5
    kind: str = "multilingual"
    languages: tuple[str, ...] = ()
    seed: int = 0

    def switch(self, text: str, language: str) -> str:
        """Code-switch a text in the given language.

        Args:
            text: Text to switch; unchanged if the lexicon does not know its language.
            language: BCP 47 code of the text's language.
        """
        return self.switch_and_count(text, language).text

    def switch_and_count(self, text: str, language: str) -> Switched:
        """Code-switch a text, and count its words and the replaced ones.

        Args:
            text: Text to switch; unchanged, and without words, if the lexicon does not know its language.
            language: BCP 47 code of the text's language.
        """
        known = self.lexicon.words(language)
        if not known:
            return Switched(text=text, words=0, replaced=0)
        rng = self._rng(text)
        targets = [code for code in self.languages or self.lexicon.languages if code != language]
        one = [rng.choice(targets)] if targets and self.kind == "bilingual" else targets
        pieces = cut(text, known)
        switched = [self._word(piece, language, one, rng) if word else piece for piece, word in pieces]
        before = [piece for piece, _ in pieces]
        return Switched(
            text="".join(_joined(before, switched)),
            words=sum(word for _, word in pieces),
            replaced=sum(old != new for old, new in zip(before, switched, strict=True)),
        )

    def chance(self, text: str) -> float:
        """Return a number from 0 to 1 derived from the text, which decides whether its row is switched.

        Args:
            text: Text of the row; the same text always gives the same number.
        """
        return Random(f"row {self.seed} {text}").random()  # noqa: S311

    def _rng(self, text: str) -> Random:
        digest = hashlib.blake2b(f"{self.seed} {text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return Random(int.from_bytes(digest, "big"))  # noqa: S311

    def _word(self, word: str, language: str, targets: Sequence[str], rng: Random) -> str:
        if rng.random() >= self.probability:
            return word
        possible = [code for code in targets if self.lexicon.translations(word, language, code)]
        if not possible:
            return word
        translation = rng.choice(self.lexicon.translations(word, language, rng.choice(possible)))
        translation = translation.lower()
        return translation.capitalize() if word[:1].isupper() and not is_unspaced(word) else translation


def switch_rows(rows: Dataset, switcher: CodeSwitcher, *, share: float, columns: Sequence[str]) -> Dataset:
    """Code-switch a share of the rows; groups, languages and the number of rows stay the same.

    Args:
        rows: Training rows.
        switcher: Replaces words of a text by those of another language.
        share: Share of the rows to switch, 0 to 1.
        columns: Columns to switch: `anchor`, `positive` or both.
    """
    of = {ANCHOR: QUERY_LANGUAGE, POSITIVE: PASSAGE_LANGUAGE}
    chosen = [column for column in columns if column in rows.column_names]

    def change(row: dict[str, str]) -> dict[str, str]:
        if switcher.chance(row[ANCHOR]) >= share:
            return {column: row[column] for column in chosen}
        return {column: switcher.switch(row[column], row[of[column]]) for column in chosen}

    return rows.map(change, desc="code-switching")


def _joined(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Put spaces around words of scripts with spaces that were inserted into text without spaces."""
    pieces: list[str] = []
    for old, new in zip(before, after, strict=True):
        foreign = new != old and is_unspaced(old) and not is_unspaced(new)
        if foreign and pieces and not pieces[-1].endswith(" "):
            pieces.append(" ")
        pieces.append(f"{new} " if foreign else new)
    if pieces and not before[-1].endswith(" "):
        pieces[-1] = pieces[-1].rstrip(" ")
    return pieces
