from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from searchapp.cli.app import app
from searchapp.errors import ConfigurationError
from training.config import TrainingConfig

GOOD = """
[[data.sources]]
path = "x.jsonl"
format = "jsonl"
"""


def load(tmp_path: Path, text: str, name: str = "c.toml") -> TrainingConfig:
    path = tmp_path / name
    path.write_text(text)
    return TrainingConfig.load(path)


def test_toml_and_yaml_say_the_same(tmp_path: Path) -> None:
    toml = load(tmp_path, GOOD + "[optimizer]\nrate = 1e-4\nsteps = 3\n[loss]\nmatryoshka = [8, 4]\n")
    yaml = load(
        tmp_path,
        "data: {sources: [{path: x.jsonl, format: jsonl}]}\noptimizer: {rate: 1e-4, steps: 3}\nloss: {matryoshka: [8, 4]}\n",
        "c.yaml",
    )
    assert toml == yaml and toml.loss.matryoshka == (8, 4) and toml.optimizer.rate == 1e-4
    assert toml.batch.mixing.alpha == 0.5 and json.dumps(toml.to_json())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD + "[optimiser]\n",
            r"c.toml: unknown key optimiser; known are batch, data, loss, model, optimizer, out, valid",
        ),
        (GOOD + "[batch]\nalhpa = 1\n", r"c.toml.batch: unknown key alhpa; known are accumulate, alpha"),
        (GOOD + "lang = 'de'\n", r"c.toml.data.sources\[0\]: unknown key lang; known are"),
        ("[data]\nsources = []", "data.sources is a value of type list; expected at least 1 item"),
        ("out = 'x'", "missing key data"),
        ("[[data.sources]]\npath = 'x'", r"sources\[0\]: missing key format"),
        (GOOD + "[batch]\nsize = 'big'", "c.toml.batch.size is 'big'; expected a valid integer"),
        (GOOD + "[batch]\nsize = true", "batch.size is True; expected a valid integer"),
        (
            GOOD + "[batch]\nstrategy = 'mixed'",
            "batch.strategy is 'mixed'; expected 'x-x', 'x-x-mono', 'x-y' or 'hybrid'",
        ),
        (GOOD + "[batch]\nstrategy = 'x-y'\nalpha = 0.2", 'strategy "x-y" fixes it at 0'),
        (GOOD + "[batch]\nalpha = 2.0", "alpha is 2.0; expected less than or equal to 1"),
        (GOOD + "[loss]\nkind = 'distillation'", "loss.teacher names no encoder"),
        (GOOD + "[optimizer]\nrate = 0.0", "optimizer.rate is 0.0; expected greater than 0"),
        (
            GOOD + "[optimizer]\nweight_decay = -1.0",
            "optimizer.weight_decay is -1.0; expected greater than or equal to 0",
        ),
        (GOOD + "negatives = -1\n", r"data.sources\[0\].negatives is -1; expected greater than or equal to 0"),
        (GOOD + "per_text = 0\n", r"data.sources\[0\].per_text is 0; expected greater than or equal to 1"),
        (GOOD + "[loss]\ncached = -1", "loss.cached is -1; expected greater than or equal to 0"),
        (GOOD + "[model]\nmax_length = -5", "model.max_length is -5; expected greater than or equal to 1"),
        (GOOD + "[validation]\npatience = -1", "validation.patience is -1; expected greater than or equal to 0"),
        (GOOD + "[validation]\nshare = 1.0", "validation.share is 1.0; expected less than 1"),
        (GOOD + "[data.code_switching]\nkind = 'x'", "code_switching.kind"),
        (GOOD + "[model]\ndimension = 0", "model.dimension is 0; expected greater than or equal to 1"),
        (GOOD + "[loss]\ncached = -1\n[model]\ndimension = 0", r"model.dimension is 0.*\n.*loss.cached is -1"),
        (GOOD + "[batch]\nalpha = 2030-01-01", "batch.alpha is '2030-01-01'; expected a valid number"),
        (GOOD.replace('jsonl"\n', 'xml"\n'), r"sources\[0\].format is 'xml'; expected 'questions', 'translations'"),
        ("= 3", "c.toml: "),
        ("a = " + "[" * 5000, "c.toml: maximum recursion"),
    ],
)
def test_a_bad_configuration_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, text)


def test_a_missing_file_is_told_before_torch_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from searchapp.cli.app import app; from typer.testing import CliRunner; "
        f"done = CliRunner().invoke(app, ['train', '--config', {str(tmp_path / 'none.toml')!r}]); "
        "print(type(done.exception).__name__, done.exception, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ConfigurationError" in done.stdout and "none.toml: cannot be read" in done.stdout
    assert done.stdout.strip().endswith("False") and "Errno" not in done.stdout


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ends in .toml, .yaml or .yml"):
        load(tmp_path, "{}", "c.json")
    with pytest.raises(ConfigurationError, match="contains a list; expected keys and values"):
        load(tmp_path, "- 1\n", "c.yml")
    with pytest.raises(ConfigurationError, match="not YAML"):
        load(tmp_path, "a: [", "c.yml")


def test_a_dry_run_prints_the_plan_and_writes_nothing(tmp_path: Path, translations: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        f"""
out = "{tmp_path / "run"}"
[[data.sources]]
path = "{translations}"
format = "parts"
cross_lingual = true
[model]
vocabulary = 300
dimension = 16
[batch]
size = 16
accumulate = 2
[optimizer]
epochs = 3
device = "cpu"
[validation]
share = 0.0
"""
    )
    runner = CliRunner()
    shown = runner.invoke(app, ["train", "--config", str(path), "--dry-run"])
    assert shown.exit_code == 0 and "mono/de" in shown.stdout and "cross/de-en" in shown.stdout
    plan = json.loads(runner.invoke(app, ["train", "--config", str(path), "--dry-run", "--json"]).stdout)
    assert plan["rows"]["mono/de"] == 200 and plan["batches_per_epoch"] == 1200 // 16
    assert sum(plan["batches"].values()) == pytest.approx(75, abs=0.1)
    assert (plan["steps_per_epoch"], plan["steps"]) == (38, 114)
    assert (
        plan["batches"]["mono/de"] == pytest.approx(38 / 3, abs=1) and plan["memory_bytes"] >= plan["parameters"] * 16
    )
    assert not (tmp_path / "run").exists()
    done = runner.invoke(app, ["train", "--config", str(path), "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["steps"] == 114
    assert (tmp_path / "run" / "model" / "modules.json").exists()
