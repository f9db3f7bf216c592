from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from searchapp.errors import InputError
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.results import QUERIES_FILE, Results, load_per_query, load_results, save_results


@pytest.fixture
def evaluation(parallel_task, own_language_first):
    return evaluate_encoder(
        parallel_task(3, languages=("de", "en", "th"), fillers=4), own_language_first, command="x y"
    )


def test_results_survive_the_file(evaluation, tmp_path: Path) -> None:
    path = save_results(evaluation.results, tmp_path / "out", per_query=evaluation.per_query)
    assert load_results(path) == load_results(tmp_path / "out") == evaluation.results
    assert evaluation.results.command == "x y"
    assert evaluation.results.system.fingerprint == "oracle"


def test_values_by_query_survive_and_average_to_the_figures(evaluation, tmp_path: Path) -> None:
    save_results(evaluation.results, tmp_path, per_query=evaluation.per_query)
    found = load_per_query(tmp_path)
    assert found.qids == evaluation.per_query.qids
    german = np.array(found.languages) == "de"
    assert found.values["Mul mAP"][german].mean() == pytest.approx(evaluation.results.figure("Mul", "mAP", "de"))
    assert found.values["rank distance"].shape == (9,)


def test_json_holds_no_nan(evaluation) -> None:
    json.loads(evaluation.results.to_json(), parse_constant=lambda name: pytest.fail(name))


def test_damage_is_told(evaluation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no results to read"):
        load_results(tmp_path)
    path = save_results(evaluation.results, tmp_path, per_query=evaluation.per_query)
    text = path.read_text(encoding="utf-8")
    for damaged in (text[:100], "[]", "{}", "[" * 200_000, text.replace('"task": {', '"task": {"other": 1, ', 1)):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(InputError, match="not results of an evaluation"):
            load_results(path)
    path.write_text(text.replace('"format": 1', '"format": 99'), encoding="utf-8")
    with pytest.raises(InputError, match="results of format 99, expected 1"):
        load_results(path)
    (tmp_path / QUERIES_FILE).write_bytes(b"not a zip")
    with pytest.raises(InputError, match="no per-query values"):
        load_per_query(tmp_path)


def test_unknown_fields_of_a_later_version_are_left_out(evaluation) -> None:
    raw = json.loads(evaluation.results.to_json()) | {"weather": "fine"}
    assert Results.from_json(json.dumps(raw)) == evaluation.results
