"""Train the unigram tokenizers of new static encoders."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "<unk>"


def train_tokenizer(
    texts: Iterable[str], *, vocabulary: int, longest_piece: int = 16, apart: str | None = None
) -> Tokenizer:
    r"""Train a unigram vocabulary on compatibility-normalised (NFKC), lower-cased text; no piece crosses a space.

    Args:
        texts: Training texts; iterated once.
        vocabulary: Number of pieces, including the unknown one.
        longest_piece: Maximum length of a piece in characters. A low limit excludes whole clauses of unspaced scripts.
        apart: Regular expression of characters that are always separate pieces, such as `\d+`; None for punctuation.

    Returns:
        A tokenizer without special tokens other than `UNKNOWN`.
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    split = pre_tokenizers.Punctuation() if apart is None else pre_tokenizers.Split(Regex(apart), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.Metaspace(prepend_scheme="always")])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=vocabulary,
        special_tokens=[UNKNOWN],
        unk_token=UNKNOWN,
        max_piece_length=longest_piece,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
