"""Test commands of other packages: they are found by entry points, and broken or missing ones are reported in one line."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import tomllib
import typer
from typer.testing import CliRunner

from searchapp.cli import app, plugins
from searchapp.errors import ConfigurationError

PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def declared() -> list[EntryPoint]:
    found = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][plugins.GROUP]
    return [EntryPoint(name, value, plugins.GROUP) for name, value in found.items()]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(*entries: EntryPoint) -> CliRunner:
        monkeypatch.setattr(plugins, "entry_points", lambda group: entries)
        return CliRunner()

    return install


def test_every_declared_entry_point_is_an_app_that_is_light() -> None:
    for entry in declared():
        assert isinstance(entry.load(), typer.Typer), entry
    assert {entry.name for entry in declared()} >= {"index", "debias", "train", "serve", "demo"}


def test_help_lists_core_and_plugins_and_groups_have_their_commands(installed: Any) -> None:
    runner = installed(*declared())
    shown = runner.invoke(app, ["--help"]).output
    for name in ("search", "probe", "eval", "index", "debias", "train", "serve", "demo"):
        assert f"│ {name} " in shown, name
    assert "rollback" in runner.invoke(app, ["index", "--help"]).output
    assert "--dry-run" in runner.invoke(app, ["train", "--help"]).output


def test_a_broken_plugin_is_told_and_harms_no_other_command(installed: Any) -> None:
    broken = EntryPoint("sing", "no_such_package.songs:app", plugins.GROUP)
    wrong = EntryPoint("dance", "json:dumps", plugins.GROUP)
    runner = installed(broken, wrong)
    shown = runner.invoke(app, ["--help"])
    assert shown.exit_code == 0
    assert "Cannot be loaded" in shown.output
    assert runner.invoke(app, ["search", "--help"]).exit_code == 0
    for name, reason in (("sing", "no_such_package"), ("dance", "expected typer.Typer")):
        error = runner.invoke(app, [name, "--loud", "x"]).exception
        assert isinstance(error, ConfigurationError), error
        assert reason in str(error)


def test_a_missing_command_is_told_with_the_ones_there_are(installed: Any) -> None:
    error = installed().invoke(app, ["index", "list"]).exception
    assert isinstance(error, ConfigurationError)
    assert "no command 'index'" in str(error) and "search, probe, eval" in str(error)
    error = installed().invoke(app, ["serach", "x"]).exception
    assert "Did you mean 'search'?" in str(error)


def test_no_entry_point_replaces_a_command_of_the_core(installed: Any) -> None:
    runner = installed(EntryPoint("search", "no_such_package:app", plugins.GROUP))
    assert "several languages" in runner.invoke(app, ["search", "--help"]).output


def test_a_search_reads_no_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(group: str) -> Any:
        raise AssertionError("the metadata of all packages was read")

    monkeypatch.setattr(plugins, "entry_points", read)
    assert CliRunner().invoke(app, ["search", "--help"]).exit_code == 0
