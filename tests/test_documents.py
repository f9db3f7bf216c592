"""Run the Python of the README, and parse all Python in the documentation."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = re.compile(r"^```(?:python|py)\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


def blocks(document: str) -> list[str]:
    return PYTHON.findall((ROOT / document).read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", [document for document in DOCUMENTS if blocks(document)])
def test_python_in_the_documentation_can_be_parsed(document: str) -> None:
    for block in blocks(document):
        if ">>>" not in block:
            ast.parse(block, filename=document)


def test_the_ten_lines_of_the_readme_run(demo_home: Path, tmp_path: Path) -> None:
    ten, build, *_ = blocks("README.md")
    done = subprocess.run(
        [sys.executable, "-c", ten], capture_output=True, text=True, check=False, cwd=tmp_path, env=_env(demo_home)
    )
    assert done.returncode == 0, done.stderr
    assert "'de'" in done.stdout
    assert "de 0." in done.stdout, "a share of German is printed"
    corpus = {"id": "a", "body": "Assam grows tea.", "year": 2020}
    (tmp_path / "corpus.jsonl").write_text(json.dumps(corpus) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", build], capture_output=True, text=True, check=False, cwd=tmp_path, env=_env(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "1 1 0 None"


def _env(home: Path) -> dict[str, str]:
    return {**os.environ, "SEARCHAPP_HOME": str(home)}
