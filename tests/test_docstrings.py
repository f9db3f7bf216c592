"""Check docstrings: section headings that the documentation site can read, and a description of every argument."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parents[1]
HEADINGS = {"Args", "Attributes", "Example", "Examples", "Inputs", "Raises", "Returns", "Yields"}
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
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


PACKAGES_WITH_ARGS = ["searchapp", "index_builder", "training", "ui"]
"""Packages whose public functions all describe their arguments."""
SHOWN_BY_THE_FRAMEWORK = {"callback", "command", "delete", "get", "middleware", "patch", "post", "put", "tool"}
"""Decorators of functions whose docstring is the help text of a command, route or tool."""
BY_CONVENTION = {"exception_handler", "field_validator", "model_validator", "overload", "property", "setter"}
"""Decorators of functions that nobody calls by name, or whose arguments are described elsewhere."""


@pytest.mark.parametrize("package", PACKAGES_WITH_ARGS)
def test_public_functions_describe_all_their_arguments(package: str) -> None:
    wrong = []
    for path in sorted((ROOT / package).rglob("*.py")):
        for name, function in _public_functions(ast.parse(path.read_text(encoding="utf-8"))):
            if missing := _undescribed(function):
                wrong.append(f"{path.relative_to(ROOT)}:{function.lineno} {name}: missing {', '.join(missing)}")
    assert not wrong, "\n".join(wrong)


def test_an_argument_without_description_is_found() -> None:
    source = '''
def scale(vectors, factor):
    """Scale vectors.

    Args:
        vectors: Embeddings, (n, dimension).

    Returns:
        factor: not an argument here.
    """
'''
    (found,) = _public_functions(ast.parse(source))
    assert _undescribed(found[1]) == ["factor"]


def _public_functions(module: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield the public functions of a module and the public methods of its public classes with their qualified names."""
    owners = [("", module.body)]
    owners += [(f"{node.name}.", node.body) for node in module.body if isinstance(node, ast.ClassDef)]
    for owner, body in owners:
        for node in body:
            private = owner.startswith("_") or not isinstance(node, Function) or node.name.startswith("_")
            if not private and not _is_exempt(node):
                yield owner + node.name, node


def _is_exempt(function: Function) -> bool:
    """Tell whether a function's arguments are described to its users by a framework, such as Typer's options."""
    decorators = {ast.unparse(node).partition("(")[0].rpartition(".")[2] for node in function.decorator_list}
    arguments = ast.unparse(function.args)
    return bool(decorators & (SHOWN_BY_THE_FRAMEWORK | BY_CONVENTION)) or "typer." in arguments


def _undescribed(function: Function) -> list[str]:
    """List the parameters that the section Args of the docstring lacks."""
    _, _, rest = (ast.get_docstring(function) or "").partition("Args:\n")
    described = re.findall(r"^    (\w+):", re.split(r"^\w+:$", rest, flags=re.MULTILINE)[0], re.MULTILINE)
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = [argument.arg for argument in every if argument.arg not in ("self", "cls")]
    return [name for name in names if not name.startswith("_") and name not in described]
