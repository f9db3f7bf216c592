from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from searchapp.encoders.transformer import TransformerEncoder
from searchapp.errors import EncoderError, MissingExtraError

TEXTS = [
    "how many points did the defence give up",
    "wie viele Punkte gab die Verteidigung ab",
    "कितने अंक दिए",
    "防守丢了多少分",
    "كم نقطة سمح بها الدفاع",
]


def test_queries_and_passages_get_their_own_prompts(xlmr_folder: Path) -> None:
    encoder = TransformerEncoder.load(str(xlmr_folder), device="cpu")
    model = SentenceTransformer(str(xlmr_folder), device="cpu")
    expected = model.encode([f"Query: {text}" for text in TEXTS], prompt="", normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), expected, atol=1e-5)
    expected = model.encode([f"Passage: {text}" for text in TEXTS], prompt="", normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "xlmr"])
def test_output_is_unit_float32_and_keeps_the_order(kind: str, request: pytest.FixtureRequest) -> None:
    encoder = TransformerEncoder.load(str(request.getfixturevalue(f"{kind}_folder")), device="cpu", batch_size=2)
    together = encoder.encode_queries(TEXTS)
    assert together.shape == (len(TEXTS), 16)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    alone = np.concatenate([encoder.encode_queries([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert encoder.encode_passages([]).shape == (0, 16)


@pytest.mark.parametrize(("kind", "separator"), [("bert", "[SEP]"), ("xlmr", "</s>")])
def test_context_follows_the_passage_behind_the_separator(
    kind: str, separator: str, request: pytest.FixtureRequest
) -> None:
    folder = str(request.getfixturevalue(f"{kind}_folder"))
    encoder = TransformerEncoder.load(folder, device="cpu")
    model = SentenceTransformer(folder, device="cpu")
    assert model.tokenizer.convert_tokens_to_ids(separator) in model.tokenizer(f"a {separator} b").input_ids[1:-1]
    joined = encoder.encode_passages(TEXTS[:2], contexts=[TEXTS[2], ""])
    prompt = model.prompts["document"]
    expected = model.encode([f"{prompt}{TEXTS[0]} {separator} {TEXTS[2]}", f"{prompt}{TEXTS[1]}"], prompt="")
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(joined, expected, atol=1e-5)


def test_a_long_context_never_pushes_the_passage_out(bert_folder: Path) -> None:
    encoder = TransformerEncoder.load(str(bert_folder), device="cpu")
    one, two = encoder.encode_passages([TEXTS[0], TEXTS[1]], contexts=["points " * 200] * 2)
    assert float(one @ two) < 0.999


def test_fingerprint_is_of_the_content_not_of_the_place(bert_folder: Path, tmp_path: Path) -> None:
    model = SentenceTransformer(str(bert_folder), device="cpu")
    loaded = TransformerEncoder.load(str(bert_folder), device="cpu")
    model.save(str(tmp_path / "copy"), create_model_card=False)
    assert TransformerEncoder(model).fingerprint == loaded.fingerprint
    assert TransformerEncoder.load(str(tmp_path / "copy"), device="cpu").fingerprint == loaded.fingerprint
    loaded.encode_passages([TEXTS[0] * 9])  # sets the tokenizer's truncation, which must not count
    assert TransformerEncoder(loaded._model).fingerprint == loaded.fingerprint


def test_fingerprint_changes_with_weights_tokenizer_prompts_length_and_pooling(bert_folder: Path) -> None:
    def fresh() -> SentenceTransformer:
        return SentenceTransformer(str(bert_folder), device="cpu")

    fingerprints = [TransformerEncoder(fresh()).fingerprint, TransformerEncoder(fresh(), max_length=16).fingerprint]
    weights = fresh()
    with torch.no_grad():
        next(weights.parameters())[0, 0] += 1
    tokens = fresh()
    tokens.tokenizer.add_tokens(["defence"])
    prompts = fresh()
    prompts.prompts = {"query": "q: ", "document": ""}
    pooling = fresh()
    pooling[1].pooling_mode = "cls"
    fingerprints += [TransformerEncoder(model).fingerprint for model in (weights, tokens, prompts, pooling)]
    assert len(set(fingerprints)) == len(fingerprints)


def test_not_a_number_is_an_error_that_names_the_text(bert_folder: Path) -> None:
    model = SentenceTransformer(str(bert_folder), device="cpu")
    encoder = TransformerEncoder(model, name="broken")
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    with pytest.raises(EncoderError, match=r"broken: 1 of 1 embeddings contain NaN.*'tea'"):
        encoder.encode_queries(["tea"])


def test_lone_surrogates_are_encoded(bert_folder: Path) -> None:
    assert np.isfinite(TransformerEncoder.load(str(bert_folder), device="cpu").encode_queries(["a\ud800b"])).all()


def test_threads_get_the_same_vectors(bert_folder: Path) -> None:
    encoder = TransformerEncoder.load(str(bert_folder), device="cpu")
    expected = encoder.encode_queries(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda _: encoder.encode_queries(TEXTS), range(12)):
            np.testing.assert_allclose(result, expected, atol=1e-5)


def test_encoding_after_close_is_an_error(bert_folder: Path) -> None:
    encoder = TransformerEncoder.load(str(bert_folder), device="cpu")
    encoder.close()
    with pytest.raises(EncoderError, match="closed"):
        encoder.encode_queries(["tea"])


def test_an_unreachable_hub_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match=r"nobody/no-such-model .*cannot be reached.*HF_HOME"):
        TransformerEncoder.load("nobody/no-such-model")


def test_damaged_weights_are_told(bert_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bert_folder, folder)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EncoderError, match="cannot be loaded as a sentence-transformers model"):
        TransformerEncoder.load(str(folder), device="cpu")


def test_a_missing_backend_names_its_extra(bert_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optimum.intel.openvino", None)
    with pytest.raises(MissingExtraError, match=r"searchapp\[openvino\]"):
        TransformerEncoder.load(str(bert_folder), backend="openvino", device="cpu")
