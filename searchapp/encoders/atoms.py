"""Split words into the atoms that a unigram model cuts into pieces, with the tokenizer's own normalisation.

The tokenizer's pipeline (NFKC, lower case, digits and punctuation separated, `▁` before each part) applies regular
expressions to every text, which takes most of its time. This module processes many words at once and passes each distinct
atom to the bare model only once.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

from tokenizers import Tokenizer

PIPELINE = {
    "normalizer": {
        "type": "Sequence",
        "normalizers": [
            {"type": "NFKC"},
            {"type": "Lowercase"},
            {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
        ],
    },
    "pre_tokenizer": {
        "type": "Sequence",
        "pretokenizers": [
            {
                "type": "Split",
                "pattern": {"Regex": "\\d+|[^\\w\\s\\p{M}]"},
                "behavior": "Isolated",
                "invert": False,
            },
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        ],
    },
}
"""The pipeline that `split_words` reproduces, as described in the tokenizer's file."""

REMEMBERED = 1 << 17
"""Maximum number of cached atoms. The cache is cleared when it is full."""

_DIGITS = re.compile(r"(\d+)")


class _Apart(dict[int, str]):
    """Puts spaces around punctuation and symbols, for `str.translate`."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        word = character.isalnum() or character == "_" or character.isspace()
        kept = character if word or unicodedata.category(character)[0] == "M" else f" {character} "
        self[point] = kept
        return kept


_APART = _Apart()


def split_words(words: Sequence[str]) -> list[list[str]]:
    """Normalise words (without spaces) and split each into atoms: runs of digits, single symbols, the rest.

    Args:
        words: Words without spaces or line breaks.

    Returns:
        Atoms of each word, lower-case and normalised.
    """
    text = "\n".join(words)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("Σ", "σ")  # only Python writes the final sigma
    text = _DIGITS.sub(r" \1 ", text.lower().translate(_APART))
    return [line.split() for line in text.split("\n")]


class AtomPieces:
    """A cache of the pieces of atoms. Thread-safe.

    Args:
        tokenizer: A unigram tokenizer with the pipeline above.

    Raises:
        ValueError: The tokenizer has another pipeline.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        description = json.loads(tokenizer.to_str())
        for part, expected in PIPELINE.items():
            if description[part] != expected:
                raise ValueError(f"tokenizer.json: {part} is {description[part]}, expected {expected}")
        self._bare = Tokenizer.from_str(json.dumps(description | {"normalizer": None, "pre_tokenizer": None}))
        self._known: dict[str, list[int]] = {}

    def pieces(self, words: Sequence[str]) -> list[list[int]]:
        """Return the piece ids of each word (without spaces).

        Args:
            words: Words without spaces or line breaks.

        Returns:
            Piece ids of each word.
        """
        split = split_words(words) if words else []
        known = self._known
        fresh = list({atom for atoms in split for atom in atoms if atom not in known})
        if fresh:
            if len(known) > REMEMBERED:
                known = self._known = {}  # another thread keeps using its own dictionary
                fresh = list({atom for atoms in split for atom in atoms})
            encodings = self._bare.encode_batch_fast([f"▁{atom}" for atom in fresh], add_special_tokens=False)
            known.update(zip(fresh, (encoding.ids for encoding in encodings), strict=True))
        return [
            known[atoms[0]] if len(atoms) == 1 else [piece for atom in atoms for piece in known[atom]]
            for atoms in split
        ]
