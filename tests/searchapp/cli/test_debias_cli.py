from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SEARCHAPP = Path(sys.executable).with_name("searchapp")

ENDINGS = {"en": "and so it is", "de": "und so ist es", "es": "y así es"}


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SEARCHAPP_", "QDRANT_"))}
    return subprocess.run(
        [str(SEARCHAPP), *arguments],
        capture_output=True,
        text=True,
        env={**kept, "SEARCHAPP_HOME": str(home), "COLUMNS": "200"},
        timeout=120,
        check=False,
    )


@pytest.fixture
def built(tmp_path: Path) -> Path:
    source = tmp_path / "docs.jsonl"
    rows = [
        {"id": f"{n}-{code}", "text": f"topic{n} word{n * 7} {ending}", "language": code}
        for n in range(25)
        for code, ending in ENDINGS.items()
    ]
    source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    home = tmp_path / "home"
    made = run("index", "build", str(source), "-c", "docs", "--encoder", "fake", home=home)
    assert made.returncode == 0, made.stderr
    return home


def test_fit_off_on_info(built: Path) -> None:
    refused = run("search", "topic3", "-c", "docs", "--rank", "debias=true", home=built)
    assert refused.returncode == 2
    assert "searchapp debias fit docs" in refused.stderr
    none = run("debias", "info", "docs", home=built)
    assert "no debias transform" in none.stdout
    fitted = run("debias", "fit", "docs", "--method", "lsar", "--rank", "2", "--json", home=built)
    assert fitted.returncode == 0, fitted.stderr
    report = json.loads(fitted.stdout)
    assert report["debias"]["settings"]["rank"] == 2
    assert report["passages"] == 75
    searched = json.loads(run("search", "topic3", "-c", "docs", "--json", home=built).stdout)
    assert "debias" in searched["timings"]
    assert run("debias", "off", "docs", home=built).returncode == 0
    searched = json.loads(run("search", "topic3", "-c", "docs", "--json", home=built).stdout)
    assert "debias" not in searched["timings"]
    again = run("debias", "off", "docs", home=built)
    assert again.returncode == 2
    assert "off already" in again.stderr
    assert run("debias", "on", "docs", home=built).returncode == 0
    info = json.loads(run("debias", "info", "docs", "--json", home=built).stdout)
    assert (info["name"], info["default"]) == ("lsar", True)


def test_fit_from_parallel_text_and_save_the_file(built: Path, tmp_path: Path) -> None:
    refused = run("debias", "fit", "docs", "--method", "shift", home=built)
    assert refused.returncode == 2
    assert "--from-parallel" in refused.stderr
    path = tmp_path / "parallel.jsonl"
    rows = [
        {"group": n, "lang": code, "text": f"subject{n} {ending}"}
        for n in range(30)
        for code, ending in ENDINGS.items()
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    fitted = run("debias", "fit", "docs", "--method", "shift", "--from-parallel", str(path), "--json", home=built)
    assert fitted.returncode == 0, fitted.stderr
    entry = json.loads(fitted.stdout)["debias"]
    assert entry["settings"] == {"alpha": 0.6, "languages": ["de", "es"], "source": "en"}
    assert (entry["fitted_on"]["vectors"], entry["fitted_on"]["groups"]) == (90, 30)
    saved = tmp_path / "shift.npz"
    assert run("debias", "info", "docs", "--save", str(saved), home=built).returncode == 0
    assert saved.stat().st_size > 500


def test_builds_say_that_they_keep_the_transform(built: Path, tmp_path: Path) -> None:
    assert run("debias", "fit", "docs", "--method", "centering", home=built).returncode == 0
    source = tmp_path / "docs.jsonl"
    source.write_text(source.read_text() + '\n{"id": "new", "text": "new words", "language": "en"}', encoding="utf-8")
    build = ("index", "build", str(source), "-c", "docs", "--encoder", "fake")
    kept = run(*build, home=built)
    assert "of the previous version is kept" in kept.stderr
    assert "centering (by default on)" in run("index", "info", "docs", home=built).stdout
    dropped = run(*build, "--no-debias", "--json", home=built)
    assert json.loads(dropped.stdout)["debias"] == ""
    assert "no debias transform" in run("debias", "info", "docs", home=built).stdout
