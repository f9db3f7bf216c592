from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchapp.encoders import shipped
from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.static import StaticEncoder

from .conftest import save_model
from .onnx_models import export


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_model(tmp_path_factory.mktemp("shipped"), kind="bert")
    export(folder, folder / "model.onnx")
    return folder


@pytest.fixture
def both(transformer: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(shipped, "TRANSFORMER_FOLDER", transformer)
    for load in (shipped._static, shipped._transformer):
        load.cache_clear()
    yield
    for load in (shipped._static, shipped._transformer):
        load.cache_clear()


@pytest.mark.usefixtures("both")
def test_builtin_is_the_transformer_and_static_the_other() -> None:
    builtin, static = shipped.load_shipped("builtin"), shipped.load_shipped("static")
    assert isinstance(builtin, OnnxEncoder)
    assert isinstance(static, StaticEncoder)
    assert (builtin.name, static.name) == ("builtin", "static")
    assert shipped.load_shipped("builtin") is builtin


@pytest.mark.usefixtures("both")
def test_a_collection_of_an_earlier_version_gets_the_encoder_that_it_was_built_with() -> None:
    static = shipped.load_shipped("static")
    assert shipped.load_shipped("builtin", fingerprint=static.fingerprint) is static
    assert shipped.load_shipped("builtin", fingerprint="of neither") is shipped.load_shipped("builtin")


@pytest.mark.usefixtures("both")
def test_a_client_that_closes_does_not_take_the_model_from_another() -> None:
    encoder = shipped.load_shipped("builtin")
    encoder.close()
    assert encoder.encode_queries(["tea"]).shape == (1, 16)


def test_without_the_transformer_builtin_is_the_static_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "TRANSFORMER_FOLDER", tmp_path)
    assert isinstance(shipped.load_shipped("builtin"), StaticEncoder)
    shutil.copy(shipped.STATIC_FOLDER / "config.json", tmp_path)
    assert shipped.load_shipped("builtin").name == "builtin"
