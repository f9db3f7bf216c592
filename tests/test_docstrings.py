"""Check the section headings of all docstrings: a damaged one hides its section on the documentation site."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEADINGS = {"Args", "Attributes", "Example", "Examples", "Inputs", "Raises", "Returns", "Yields"}
LIKE_A_HEADING = re.compile(r"^( *)([A-Za-z]{2,10}):$", re.MULTILINE)


@pytest.mark.parametrize("package", ["searchapp", "index_builder", "training", "ui", "benchmarks"])
def test_docstrings_have_sections_of_known_names_at_their_margin(package: str) -> None:
    wrong = []
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                for indent, name in LIKE_A_HEADING.findall(ast.get_docstring(node) or ""):
                    if name not in HEADINGS or indent:
                        wrong.append(f"{path.relative_to(ROOT)}: {indent}{name}:")
    assert not wrong
