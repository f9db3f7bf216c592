from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from searchapp.cli.evaluation import GATE_FAILED, app
from searchapp.errors import ConfigurationError, InputError

runner = CliRunner()


def invoke(*arguments: object, code: int = 0) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def evaluate(folder: Path, output: Path, *options: object) -> str:
    return invoke("encoder", "--task", "lareqa", "--data", folder, "--encoder", "fake", "--output", output, *options)


def test_run_prints_the_table_and_writes_the_files(
    lareqa_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # away from any lexicon
    text = evaluate(
        lareqa_folder,
        tmp_path / "out",
        "--stages",
        "--mixed",
        "--trec",
        tmp_path / "x.run",
        "--mteb",
        tmp_path / "x.json",
    )
    assert "12 queries, 12 passages" in text
    for word in ("th Thai", "mean", "LPR", "TLR@20", "spliced, 2 languages", "int8 quantisation"):
        assert word in text
    assert {path.name for path in tmp_path.iterdir()} >= {"out", "x.run", "x.run.qrels", "x.json"}
    assert json.loads((tmp_path / "x.json").read_text())["task_name"] == "lareqa"


def test_a_lexicon_that_is_asked_for_must_serve(lareqa_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text("synset\tlang\tlemma\ns\ten\tsnow\ns\tde\tSchnee\n", encoding="utf-8")
    options = ("--task", "lareqa", "--data", lareqa_folder, "--encoder", "fake", "--mixed", "--lexicon", path, "--json")
    with pytest.raises(InputError, match="nothing can be code-switched"):
        invoke("encoder", *options)
    words = ("tea", "grows", "in", "it", "is", "wings", "push", "planes", "land")
    rows = [
        f"s-{word}\t{code}\t{lemma}"
        for word in words
        for code in ("de", "en", "th")
        for lemma in (word, f"{word}-{code}")
    ]
    path.write_text("\n".join(["synset\tlang\tlemma", *rows]) + "\n", encoding="utf-8")
    assert "code-switched, p = 1" in json.loads(invoke("encoder", *options))["robustness"]


def test_run_as_json(lareqa_folder: Path) -> None:
    found = json.loads(invoke("encoder", "--task", "lareqa", "--data", lareqa_folder, "--encoder", "fake", "--json"))
    assert set(found["figures"]) == {"Mo", "Cr", "Mul"}
    assert found["command"].startswith("searchapp")
    assert found["timings"].keys() >= {"encode", "rank", "measure"}


def test_own_measures_the_first_is_the_main_one(lareqa_folder: Path) -> None:
    options = ("--measure", "nDCG@5", "--measure", "Bpref", "--json")
    found = json.loads(invoke("encoder", "--task", "lareqa", "--data", lareqa_folder, "--encoder", "fake", *options))
    assert found["task"]["main_measure"] == "nDCG@5"
    assert set(found["figures"]["Mul"]["mean"]) == {"nDCG@5", "Bpref"}


def test_a_sample_keeps_translations_together(lareqa_folder: Path) -> None:
    options = ("--task", "lareqa", "--data", lareqa_folder, "--encoder", "fake", "--json")
    found = json.loads(invoke("encoder", *options, "--sample", 4))
    assert found["task"]["queries"] == 6
    assert found["task"]["passages"] == 12
    assert found["bias"]["LPR"].keys() == {"mean", "de", "en", "th"}
    assert found["task"]["digest"] != json.loads(invoke("encoder", *options))["task"]["digest"]
    with pytest.raises(ConfigurationError, match="a sample of 0 queries"):
        invoke("encoder", *options, "--sample", 0)


def test_contexts_can_be_left_out(lareqa_folder: Path) -> None:
    both = [
        json.loads(
            invoke("encoder", "--task", "lareqa", "--data", lareqa_folder, "--encoder", "fake", "--json", *option)
        )
        for option in ((), ("--no-contexts",))
    ]
    assert [found["system"]["settings"] for found in both] == [{"contexts": True}, {"contexts": False}]
    assert both[0]["bias"]["alignment"] != both[1]["bias"]["alignment"]


def test_a_run_of_another_system(lareqa_folder: Path, tmp_path: Path) -> None:
    evaluate(lareqa_folder, tmp_path / "out", "--trec", tmp_path / "x.run")
    found = json.loads(invoke("run-file", tmp_path / "x.run", "--task", "lareqa", "--data", lareqa_folder, "--json"))
    exact = json.loads((tmp_path / "out" / "results.json").read_text())
    assert found["system"]["kind"] == "run"
    assert found["figures"]["Mul"]["mean"]["mAP"] == pytest.approx(exact["figures"]["Mul"]["mean"]["mAP"], abs=1e-6)


def test_compare(lareqa_folder: Path, tmp_path: Path) -> None:
    evaluate(lareqa_folder, tmp_path / "a")
    evaluate(lareqa_folder, tmp_path / "b", "--no-contexts")
    text = invoke("compare", tmp_path / "a", tmp_path / "b", "--samples", 200)
    assert "Mul mAP" in text
    assert "rank distance" in text
    found = json.loads(
        invoke("compare", tmp_path / "a", tmp_path / "b", "--samples", 200, "--measure", "Mo mAP", "--json")
    )
    assert [row["language"] for row in found["measures"]["Mo mAP"]] == ["de", "en", "th", "mean"]
    again = json.loads(
        invoke("compare", tmp_path / "a", tmp_path / "b", "--samples", 200, "--measure", "Mo mAP", "--json")
    )
    assert again == found
    with pytest.raises(ConfigurationError, match="unknown method"):
        invoke("compare", tmp_path / "a", tmp_path / "b", "--method", "guess")


def test_report_writes_three_files(lareqa_folder: Path, tmp_path: Path) -> None:
    evaluate(lareqa_folder, tmp_path / "a")
    evaluate(lareqa_folder, tmp_path / "b", "--no-contexts")
    invoke("report", tmp_path / "a", tmp_path / "b", "--output", tmp_path / "report")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"report.html", "report.md", "report.json"}
    assert len(json.loads((tmp_path / "report" / "report.json").read_text())) == 2
    assert "<svg" in (tmp_path / "report" / "report.html").read_text()


def test_gate_fails_with_the_reason_and_passes_without(lareqa_folder: Path, tmp_path: Path) -> None:
    evaluate(lareqa_folder, tmp_path / "main")
    path = tmp_path / "main" / "results.json"
    better = json.loads(path.read_text())
    better["figures"]["Mul"]["mean"]["mAP"] += 0.1
    (tmp_path / "better.json").write_text(json.dumps(better))
    limits = ("--max-map-drop", 0.05, "--max-rank-distance-rise", 0)
    text = invoke("gate", path, "--baseline", tmp_path / "better.json", *limits, code=GATE_FAILED)
    assert "FAILED  Mul mAP" in text
    assert "exceeds the limit of 0.05" in text
    assert "passed  rank distance" in text
    text = invoke("gate", path, "--baseline", path, *limits)
    assert "FAILED" not in text
    found = json.loads(
        invoke("gate", path, "--baseline", tmp_path / "better.json", *limits, "--json", code=GATE_FAILED)
    )
    assert found["passed"] is False
    with pytest.raises(ConfigurationError, match="no limit is set"):
        invoke("gate", path, "--baseline", path)


def test_wrong_use_is_refused(lareqa_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--mixed asks queries without a transform"):
        evaluate(lareqa_folder, tmp_path / "a", "--mixed", "--debias", tmp_path / "debias.npz")
    with pytest.raises(InputError, match="no results to read"):
        invoke("gate", tmp_path, "--baseline", tmp_path, "--max-map-drop", 0)
    evaluate(lareqa_folder, tmp_path / "a")
    other = json.loads((tmp_path / "a" / "results.json").read_text())
    other["task"]["digest"] = "other"
    (tmp_path / "other.json").write_text(json.dumps(other))
    with pytest.raises(ConfigurationError, match="one report is of one task"):
        invoke("report", tmp_path / "a", tmp_path / "other.json", "--output", tmp_path / "r")
    with pytest.raises(ConfigurationError, match="evaluate both on the same data"):
        invoke("compare", tmp_path / "a", tmp_path / "other.json")


def test_data_is_found_by_the_tasks_name(lareqa_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCHAPP_DATA", str(lareqa_folder.parent))
    monkeypatch.chdir(tmp_path)
    assert json.loads(invoke("encoder", "--task", "lareqa", "--encoder", "fake", "--json"))["task"]["passages"] == 12


@pytest.mark.parametrize("command", ["encoder", "collection", "run-file", "compare", "report", "gate"])
def test_help_has_an_example(command: str) -> None:
    assert f"searchapp eval {command} " in invoke(command, "--help")
