from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from searchapp.cli.evaluation import app
from searchapp.debias.loading import fit_transform, to_bytes
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import ConfigurationError, InputError
from searchapp.evaluation.debiasing import debias_stage, evaluate_debiased
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery

runner = CliRunner()
ENDINGS = {"de": "und so ist es", "en": "and so it is", "th": "และมันก็เป็นเช่นนั้น"}


def invoke(*arguments: object) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def transform():
    texts = [f"subject {number} {ending}" for ending in ENDINGS.values() for number in range(30)]
    languages = [language for language in ENDINGS for _ in range(30)]
    return fit_transform("centering", HashingEncoder().encode_passages(texts), languages)


def test_an_encoder_is_evaluated_with_a_transform_and_its_stage(lareqa_folder: Path, tmp_path: Path, transform) -> None:
    file = tmp_path / "centering.npz"
    file.write_bytes(to_bytes(transform))
    options = ("encoder", "--task", "lareqa", "--data", lareqa_folder, "--encoder", "fake", "--stages", "--json")
    plain = json.loads(invoke(*options))
    found = json.loads(invoke(*options, "--debias", file))
    assert found["system"]["name"] == "fake + centering"
    assert found["system"]["settings"]["debias"]["languages"] == ["de", "en", "th"]
    assert list(found["stages"]) == ["encoder", "debias (centering)", "int8 quantisation"]
    assert found["stages"]["encoder"] == plain["stages"]["encoder"]
    assert found["stages"]["debias (centering)"]["Mul mAP"] == found["figures"]["Mul"]["mean"]["mAP"]
    assert found["bias"]["alignment"] != plain["bias"]["alignment"]


def test_what_debias_cannot_be_used_with(lareqa_folder: Path, tmp_path: Path, transform) -> None:
    file = tmp_path / "centering.npz"
    options = ("encoder", "--task", "lareqa", "--data", lareqa_folder, "--debias", file)
    with pytest.raises(InputError, match="cannot be read"):
        invoke(*options, "--encoder", "fake")
    file.write_bytes(to_bytes(transform))
    with pytest.raises(ConfigurationError, match="--mixed"):
        invoke(*options, "--encoder", "fake", "--mixed")


def test_a_mixed_query_goes_through_all_its_languages(parallel_task, transform) -> None:
    task: RetrievalTask = parallel_task(groups=2, languages=("de", "en"))
    mixed = TaskQuery(id="mixed", text="ask 0 de en", languages=("de", "en"))
    task = RetrievalTask(
        name="mixed",
        queries=(*task.queries, mixed),
        passages=task.passages,
        qrels={**task.qrels, "mixed": task.qrels["q0.de"]},
        measures=("mAP",),
    )
    vectors = HashingEncoder().encode_queries([query.text for query in task.queries])
    passages = HashingEncoder().encode_passages([passage.text for passage in task.passages])
    found, _ = debias_stage(task, transform)(vectors, passages)
    parts = [transform.transform_queries(vectors[-1:], [code])[0] for code in ("de", "en")]
    mean = np.mean(parts, axis=0)
    assert np.allclose(found[-1], mean / np.linalg.norm(mean), atol=1e-5)
    evaluation = evaluate_encoder(task, HashingEncoder())
    assert evaluate_debiased(evaluation, transform).results.system.name == "fake + centering"
