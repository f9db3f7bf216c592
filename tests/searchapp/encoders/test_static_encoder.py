from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from searchapp.encoders import atoms, static
from searchapp.encoders.atoms import AtomPieces
from searchapp.encoders.loading import load_encoder
from searchapp.encoders.static import FILES, StaticEncoder
from searchapp.errors import EncoderError

WEIGHTS = Path(__file__).resolve().parents[3] / "searchapp" / "encoders" / "static_weights"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in WEIGHTS.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


def test_embeddings_are_unit_vectors_and_do_not_depend_on_the_batch() -> None:
    encoder = load_encoder("static")
    texts = ["Green leaves make sugar.", "", "绿叶把阳光变成糖。", "Blätter " * 50, "x"]
    together = encoder.encode_queries(texts)
    assert together.shape == (5, encoder.dimension)
    assert together.dtype == np.float32
    norms = np.linalg.norm(together, axis=1)
    np.testing.assert_allclose(norms[[0, 2, 3, 4]], 1, atol=1e-5)
    assert norms[1] == 0
    for row, text in enumerate(texts):
        np.testing.assert_allclose(encoder.encode_queries([text])[0], together[row], atol=1e-5)
    assert encoder.encode_queries([]).shape == (0, encoder.dimension)


def test_a_context_moves_a_passage_towards_it_by_the_stated_weight() -> None:
    encoder = load_encoder("static")
    weight = json.loads((WEIGHTS / "config.json").read_text())["context_weight"]
    text, context = encoder.encode_queries(["It tastes bitter.", "Coffee grows in Ethiopia."])
    expected = text + weight * context
    found = encoder.encode_passages(["It tastes bitter.", "Tea."], contexts=["Coffee grows in Ethiopia.", ""])
    np.testing.assert_allclose(found[0], expected / np.linalg.norm(expected), atol=1e-5)
    np.testing.assert_allclose(found[1], encoder.encode_queries(["Tea."])[0], atol=1e-5)


def test_translations_are_nearer_than_other_sentences() -> None:
    encoder = load_encoder("static")
    english = encoder.encode_queries(
        ["The cat sleeps in the house.", "We drink coffee in the morning.", "The train is late."]
    )
    for texts in (
        ["Die Katze schläft im Haus.", "Wir trinken morgens Kaffee.", "Der Zug hat Verspätung."],
        ["El gato duerme en la casa.", "Tomamos café por la mañana.", "El tren llega tarde."],
        ["Кошка спит в доме.", "Утром мы пьём кофе.", "Поезд опаздывает."],
        ["猫在房子里睡觉。", "我们早上喝咖啡。", "火车晚点了。"],
    ):
        assert (english @ encoder.encode_queries(texts).T).argmax(axis=1).tolist() == [0, 1, 2]


def test_the_shipped_files_are_small_and_complete() -> None:
    assert {file.name for file in WEIGHTS.iterdir()} >= {*FILES, "MODEL_CARD.md"}
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) <= 32 * 2**20
    assert load_encoder("static") is load_encoder("static")


def test_the_fingerprint_follows_the_files(folder: Path) -> None:
    before = StaticEncoder.load(folder).fingerprint
    assert before == load_encoder("static").fingerprint
    scales = np.load(folder / "scales.npy")
    scales[0] += 1
    np.save(folder / "scales.npy", scales)
    assert StaticEncoder.load(folder).fingerprint != before


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("vectors.npy", None, "vectors.npy missing"),
        ("vectors.npy", b"garbage", "damaged encoder"),
        ("tokenizer.json", b"{}", "damaged encoder"),
        ("config.json", b"{", "damaged encoder"),
    ],
)
def test_damage_is_named(folder: Path, file: str, content: bytes | None, message: str) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(EncoderError, match=message):
        StaticEncoder.load(folder)


def test_a_wrong_shape_or_format_is_named(folder: Path) -> None:
    np.save(folder / "scales.npy", np.ones(3, dtype=np.float32))
    with pytest.raises(EncoderError, match=r"scales \(3,\), expected uint8"):
        StaticEncoder.load(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "format": 7}))
    with pytest.raises(EncoderError, match="format 7, expected 3"):
        StaticEncoder.load(folder)


AWKWARD = [
    "Wie schnell ist das Licht?", "Ο ΟΔΥΣΣΕΥΣ, 3D!", "光の速さは1,000kmです。", "ทำไมท้องฟ้าเป็นสีฟ้า", "١٢٣ كتاب،", "İstanbul'da",
    "ﬁx ½ ™ №5", "a\u0301b́", "snake_case", "👩‍🔬 labs", "हिन्दी में।", "x\u00adsoft", "½a²", "㌔メートル",
]  # fmt: skip


def test_atoms_give_the_pieces_of_the_tokenizer_s_own_pipeline() -> None:
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    words = [word for text in AWKWARD for word in text.split()]
    expected = [encoding.ids for encoding in tokenizer.encode_batch(words, add_special_tokens=False)]
    assert AtomPieces(tokenizer).pieces(words) == expected


def test_another_pipeline_is_refused() -> None:
    tokenizer = Tokenizer(models.Unigram())
    with pytest.raises(ValueError, match="normalizer is None"):
        AtomPieces(tokenizer)


def test_remembered_words_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = StaticEncoder.load(WEIGHTS).encode_queries(AWKWARD)
    monkeypatch.setattr(static, "REMEMBERED", 5)
    monkeypatch.setattr(atoms, "REMEMBERED", 3)
    small = StaticEncoder.load(WEIGHTS)
    for _ in range(3):
        np.testing.assert_allclose(small.encode_queries(AWKWARD), expected, atol=1e-6)
        np.testing.assert_allclose(small.encode_queries(AWKWARD[::-1])[::-1], expected, atol=1e-6)
    alone = np.concatenate([small.encode_queries([text]) for text in AWKWARD])
    np.testing.assert_allclose(alone, expected, atol=1e-6)
