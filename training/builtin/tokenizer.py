"""A unigram vocabulary over all languages, its text sampled so that small languages are not swallowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "<unk>"
PIECE = 12
"""Longest piece in characters; also keeps unspaced scripts from being stored as whole clauses."""


def sample_texts(texts: Sequence[str], languages: Sequence[str], *, characters: int, seed: int) -> list[str]:
    """Draw texts so that each language's share is proportional to the square root of its size.

    Args:
        texts: All texts.
        languages: Language of each text, BCP 47.
        characters: Number of characters to draw, over all languages.
        seed: Seed of the draw.
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, list[int]] = {}
    for row, language in enumerate(languages):
        rows.setdefault(language, []).append(row)
    sizes = {language: sum(len(texts[row]) for row in members) for language, members in rows.items()}
    total = sum(np.sqrt(size) for size in sizes.values())
    sample: list[str] = []
    for language, members in sorted(rows.items()):
        left = characters * np.sqrt(sizes[language]) / total
        for row in rng.permutation(members):
            if left <= 0:
                break
            sample.append(texts[row])
            left -= len(texts[row])
    return sample


def train_tokenizer(texts: Sequence[str], *, vocabulary: int) -> Tokenizer:
    """Train NFKC + lower-case + unigram; digits and punctuation are pieces of their own."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\d+|[^\w\s\p{M}]"), "isolated"),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        ]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=vocabulary, special_tokens=[UNKNOWN], unk_token=UNKNOWN, max_piece_length=PIECE, show_progress=False
    )
    tokenizer.train_from_iterator(_batches(texts), trainer)
    return tokenizer


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), 4096):
        yield list(texts[start : start + 4096])
