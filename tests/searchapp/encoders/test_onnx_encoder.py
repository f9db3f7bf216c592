from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

from searchapp.encoders.loading import load_encoder
from searchapp.encoders.onnx.configuration import read_configuration
from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.onnx.files import onnx_file
from searchapp.encoders.onnx.pooling import POOLINGS, pool
from searchapp.encoders.onnx.texts import windows
from searchapp.errors import EncoderError, UnsupportedModelError
from searchapp.statistics.vectors import unit

from .conftest import TEXTS, save_model
from .onnx_models import export

PROMPTS = {"query": "wie viele ", "document": "die Punkte "}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = save_model(tmp_path_factory.mktemp("prompted"), kind="xlmr", prompts=PROMPTS)
    export(model, model / "onnx" / "model.onnx")
    return model


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_embeddings_are_those_of_sentence_transformers(folder: Path) -> None:
    model = SentenceTransformer(str(folder), device="cpu")
    encoder = OnnxEncoder.load(folder)
    texts = [*TEXTS, "", "punkte", "how many points " * 3]
    for ours, theirs in (
        (encoder.encode_queries(texts), model.encode_query(texts, normalize_embeddings=True)),
        (encoder.encode_passages(texts), model.encode_document(texts, normalize_embeddings=True)),
    ):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("pooling", ["cls", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens"])
def test_every_pooling_is_that_of_sentence_transformers(folder: Path, copy: Path, pooling: str) -> None:
    model = SentenceTransformer(modules=[Transformer(str(folder)), Pooling(16, pooling), Normalize()], device="cpu")
    model.save(str(copy), create_model_card=False)
    np.testing.assert_allclose(OnnxEncoder.load(copy).encode_queries(TEXTS), model.encode(TEXTS), atol=1e-5)


def test_padding_changes_no_pooling() -> None:
    rng = np.random.default_rng(0)
    states = rng.standard_normal((1, 3, 4)).astype(np.float32)
    padded = np.concatenate([states, np.full((1, 2, 4), 9, dtype=np.float32)], axis=1)
    short, long = np.ones((1, 3), dtype=np.int64), np.array([[1, 1, 1, 0, 0]])
    for name in POOLINGS:
        np.testing.assert_allclose(pool(padded, long, [name]), pool(states, short, [name]), atol=1e-6)
    assert pool(states, short, ["mean", "max"]).shape == (1, 8)


def test_the_batch_changes_nothing(folder: Path) -> None:
    encoder = OnnxEncoder.load(folder, threads=1)
    texts = [" ".join(TEXTS[: n % 4 + 1]) for n in range(40)]
    together = encoder.encode_passages(texts)
    for row in (0, 17, 39):
        np.testing.assert_allclose(encoder.encode_passages([texts[row]])[0], together[row], atol=1e-5)


def test_the_end_of_a_long_text_counts(folder: Path) -> None:
    encoder = OnnxEncoder.load(folder)
    start = "how many points did the defence give up " * 20
    one, other = encoder.encode_passages([start + "अंक " * 30, start + "防守 " * 30])
    assert not np.allclose(one, other, atol=1e-3)


def test_windows_hold_all_of_a_text_and_the_prompt_each(folder: Path) -> None:
    tokenizer = OnnxEncoder.load(folder)._tokenizer
    text = "how many points did the defence give up " * 20
    found = windows(tokenizer, ["short", text], prompt="wie ", max_length=32)
    assert [window.row for window in found].count(0) == 1
    prompt = tokenizer.encode("wie", add_special_tokens=False).ids
    pieces = [window.ids for window in found if window.row == 1]
    assert all(len(ids) <= 32 and ids[1 : 1 + len(prompt)] == prompt for ids in pieces)
    inside = [token for ids in pieces for token in ids[1 + len(prompt) : -1]]
    assert inside == tokenizer.encode(text, add_special_tokens=False).ids


def test_windows_are_averaged_by_their_tokens(folder: Path) -> None:
    encoder = OnnxEncoder.load(folder)
    text = "how many points did the defence give up " * 20
    tokenizer, prompt = encoder._tokenizer, PROMPTS["query"]
    found = windows(tokenizer, [text], prompt=prompt, max_length=32)
    each = encoder._run(encoder._session, found)
    weights = np.array([len(window.ids) for window in found], dtype=np.float32)
    np.testing.assert_allclose(encoder.encode_queries([text])[0], unit(weights @ each), atol=1e-5)


def test_contexts_enter_as_the_folder_says(copy: Path) -> None:
    text, title, around = TEXTS[0], "Punkte", "wie viele Punkte gab die Verteidigung ab " * 5
    plain = OnnxEncoder.load(copy)
    np.testing.assert_allclose(
        plain.encode_passages([text], contexts=[around]), plain.encode_passages([text]), atol=1e-6
    )
    (copy / "searchapp.json").write_text(json.dumps({"title_characters": 20, "context_weight": 0.5}))
    encoder = OnnxEncoder.load(copy)
    assert encoder.fingerprint != plain.fingerprint
    own, joined, context = plain.encode_passages([text, f"{title}. {text}", around])
    found = encoder.encode_passages([text, text, text], contexts=["", title, around])
    np.testing.assert_allclose(found, [own, joined, unit((own + 0.5 * context)[None])[0]], atol=1e-5)


def test_families_without_prompts_get_theirs_and_say_so(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    edit(copy / "config_sentence_transformers.json", prompts={"query": "", "document": ""})
    renamed = copy.rename(copy.parent / "multilingual-e5-small")
    with caplog.at_level(logging.WARNING):
        encoder = OnnxEncoder.load(renamed)
    assert "'query: ' before queries" in caplog.text
    assert encoder.notes
    assert read_configuration(renamed, name="intfloat/multilingual-e5-large-instruct").notes == encoder.notes
    configuration = read_configuration(renamed, name="house-model")
    assert (configuration.query_prompt, configuration.passage_prompt) == ("query: ", "passage: ")


def test_stated_prompts_outweigh_the_family(folder: Path) -> None:
    configuration = read_configuration(folder, name="intfloat/e5-base-v2")
    assert (configuration.query_prompt, configuration.passage_prompt, configuration.notes) == (*PROMPTS.values(), ())


def test_what_cannot_be_reproduced_is_refused_with_its_reason(copy: Path) -> None:
    modules = json.loads((copy / "modules.json").read_text())
    dense = {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    (copy / "modules.json").write_text(json.dumps([*modules, dense]))
    with pytest.raises(UnsupportedModelError, match="modules Transformer, Pooling, Dense; expected"):
        load_encoder(str(copy), backend="onnx")
    (copy / "modules.json").write_text(json.dumps(modules))
    edit(copy / "1_Pooling" / "config.json", pooling_mode="attention")
    with pytest.raises(UnsupportedModelError, match="pooling attention; expected one of"):
        load_encoder(str(copy), backend="onnx")
    (copy / "modules.json").write_text("{")
    with pytest.raises(EncoderError, match=r"modules\.json: damaged"):
        load_encoder(str(copy), backend="onnx")


def test_damaged_and_missing_files_are_named(copy: Path) -> None:
    (copy / "onnx" / "model.onnx").write_bytes(b"no model")
    with pytest.raises(EncoderError, match=r"model\.onnx: cannot be loaded"):
        OnnxEncoder.load(copy)
    modules = (copy / "modules.json").read_text()
    (copy / "modules.json").write_text("[" * 200_000)
    with pytest.raises(EncoderError, match=r"modules\.json: damaged"):
        OnnxEncoder.load(copy)
    (copy / "modules.json").write_text(modules)
    (copy / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match=r"contains no tokenizer\.json"):
        OnnxEncoder.load(copy)


def test_the_fingerprint_follows_weights_tokenizer_and_prompts(folder: Path, copy: Path) -> None:
    before = OnnxEncoder.load(folder).fingerprint
    assert OnnxEncoder.load(copy).fingerprint == before
    edit(copy / "config_sentence_transformers.json", prompts={**PROMPTS, "query": "q "})
    prompted = OnnxEncoder.load(copy).fingerprint
    with (copy / "tokenizer.json").open("a") as file:
        file.write("\n")
    assert len({before, prompted, OnnxEncoder.load(copy).fingerprint}) == 3


def test_auto_takes_the_onnx_file_and_torch_what_it_cannot_do(copy: Path) -> None:
    assert isinstance(load_encoder(str(copy)), OnnxEncoder)
    assert type(load_encoder(str(copy), backend="torch", device="cpu")).__name__ == "TransformerEncoder"
    edit(copy / "1_Pooling" / "config.json", include_prompt=False)
    assert type(load_encoder(str(copy), device="cpu")).__name__ == "TransformerEncoder"
    shutil.rmtree(copy / "onnx")
    with pytest.raises(EncoderError, match="has no ONNX file"):
        load_encoder(str(copy), backend="onnx")


def test_small_files_are_taken_first() -> None:
    names = ["onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_int8.onnx", "README.md"]
    assert onnx_file(names) == "onnx/model_int8.onnx"
    assert onnx_file([*names, "model.onnx"]) == "model.onnx"
    assert onnx_file(["onnx/model_qint8_avx512_vnni.onnx", "onnx/model_O3.onnx"]) == "onnx/model_qint8_avx512_vnni.onnx"
    assert onnx_file(["pytorch_model.bin"]) is None


def test_a_hub_repository_is_fetched_without_its_other_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: dict[str, object] = {}

    def snapshot(name: str, **options: object) -> str:
        asked.update(options, name=name)
        return str(folder)

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: None)
    files = ["onnx/model.onnx", "onnx/model.onnx_data", "model.safetensors", "tokenizer.json"]
    monkeypatch.setattr(huggingface_hub.HfApi, "list_repo_files", lambda *_, **__: files)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    encoder = load_encoder("house/model", revision="v1")
    assert isinstance(encoder, OnnxEncoder)
    assert encoder.name == "house/model"
    assert asked == {
        "name": "house/model",
        "revision": "v1",
        "allow_patterns": ["*.json", "*/config.json", "onnx/model.onnx*"],
    }


def test_a_closed_encoder_says_so(folder: Path) -> None:
    encoder = OnnxEncoder.load(folder)
    encoder.close()
    with pytest.raises(EncoderError, match="is closed"):
        encoder.encode_queries(["x"])


def test_no_torch_is_loaded(folder: Path) -> None:
    code = (
        "import sys; from searchapp.encoders.loading import load_encoder as f; f(sys.argv[1]).encode_queries(['x']);"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
