"""Build the tokenizer of a base from its pieces: SentencePiece's unigram model with `nmt_nfkc` normalisation."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from searchapp.errors import InputError

BOS, PAD, EOS, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
SPECIALS = (BOS, PAD, EOS, UNKNOWN, MASK)
FULLWIDTH_TILDE, STAND_IN = "\uff5e", "\uf8ff"
"""Private-use stand-in for the full-width tilde, which SentencePiece keeps but normalisation would change to ASCII."""


def unigram_tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """Build the tokenizer.

    Args:
        pieces: Piece and log probability of each id, including the special tokens.

    Raises:
        InputError: A special token is missing.
    """
    ids = {text: number for number, (text, _) in enumerate(pieces)}
    if missing := [token for token in SPECIALS if token not in ids]:
        raise InputError(f"the pieces lack {', '.join(missing)}: expected the special tokens {', '.join(SPECIALS)}")
    tokenizer = Tokenizer(models.Unigram([(text, float(score)) for text, score in pieces], unk_id=ids[UNKNOWN]))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(FULLWIDTH_TILDE, STAND_IN),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(STAND_IN, FULLWIDTH_TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}",
        pair=f"{BOS} $A {EOS} {EOS} $B {EOS}",
        special_tokens=[(BOS, ids[BOS]), (EOS, ids[EOS])],
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIALS])
    return tokenizer
