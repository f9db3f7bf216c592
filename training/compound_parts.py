"""Count the parts of compound words in openly licensed text and write the table that `searchapp.text.compounds` reads.

    python -m training.compound_parts --data ../shared/data

A part must occur often enough as a word of its own, and at one end of several longer words whose rest is also a word.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import regex
import zstandard

from searchapp.files.parquet import read_table
from searchapp.text import compounds
from searchapp.text.folding import fold

CLOSED_SOURCES = frozenset({"xnli"})
"""Sources of translations.parquet whose licences do not allow shipping counts derived from them."""

LEAST_COUNT = 2
"""Minimum occurrences of a part as a word of its own; an entry in the dictionary counts double."""

LEAST_SHORT = 5
"""The same for a part of three letters, which must also be in the dictionary."""

LONG = 4
"""Minimum letters of a part that need not occur in longer words if it is in the dictionary or common."""

LEAST_COMMON = 5
"""Minimum occurrences of a common word as a word of its own."""

LEAST_COMPOUNDS = 2
"""Minimum number of longer words that contain a part."""

LONGEST_PART = 14
_WORD = regex.compile(r"\p{L}+")


def words_of(data: Path, language: str) -> tuple[Counter[str], frozenset[str]]:
    """Count the folded words of a language's open text, and read its lemmas.

    Args:
        data: Folder of translations.parquet and lexicon.parquet.
        language: BCP 47 primary subtag.
    """
    table = read_table(data / "translations.parquet", ("source", "text"), languages=[language]).to_pylist()
    counts: Counter[str] = Counter()
    for row in table:
        if row["source"] not in CLOSED_SOURCES:
            counts.update(fold(word) for word in _WORD.findall(row["text"]))
    lemmas = read_table(data / "lexicon.parquet", ("lemma",), languages=[language])
    return counts, frozenset(fold(lemma) for lemma in lemmas["lemma"].to_pylist() if lemma.isalpha())


def parts_of(counts: Counter[str], lemmas: frozenset[str], links: tuple[str, ...]) -> list[str]:
    """Choose the words that are parts of several longer ones.

    Args:
        counts: Folded word -> occurrences.
        lemmas: Folded dictionary words.
        links: Linking elements that may stand between two parts.
    """
    alone = {
        word
        for word in {*counts, *lemmas}
        if compounds.LEAST_PART <= len(word) <= LONGEST_PART
        and word.isascii()
        and counts[word] + 2 * (word in lemmas) >= LEAST_COUNT
        and (len(word) > compounds.LEAST_PART or (word in lemmas and counts[word] >= LEAST_SHORT))
    }

    def common(word: str) -> bool:
        return (word in lemmas and counts[word] > 0) or counts[word] >= LEAST_COMMON

    longer = [word for word in {*counts, *lemmas} if len(word) >= 2 * compounds.LEAST_PART]
    found: Counter[str] = Counter()
    for word in longer:
        for end in range(compounds.LEAST_PART, len(word) - compounds.LEAST_PART + 1):
            if word[:end] in alone:
                rests = [word[end + len(link) :] for link in links if word.startswith(link, end)]
                for rest in rests:
                    if rest in alone:
                        found.update((word[:end], rest))
    return sorted(word for word in alone if found[word] >= LEAST_COMPOUNDS or (len(word) >= LONG and common(word)))


def main() -> None:
    """Count the parts of all languages and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    default = Path(compounds.__file__).parent / "data" / "compound_parts.txt.zst"
    parser.add_argument("--out", type=Path, default=default)
    arguments = parser.parse_args()
    lines = []
    for language, links in compounds.LINKS.items():
        counts, lemmas = words_of(arguments.data, language)
        parts = parts_of(counts, lemmas, links)
        lines.append(" ".join([language, *parts]))
        print(f"{language}: {len(parts):,} parts of {len(counts):,} words")  # noqa: T201
    arguments.out.write_bytes(zstandard.ZstdCompressor(level=19).compress("\n".join(lines).encode()))


if __name__ == "__main__":
    main()
