"""Test hostile names: every command and method rejects them, and nothing outside the home folder is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import build, documents, open_catalog
from typer.testing import CliRunner

from index_builder import activate, build_index, delete_collection, delete_version, discard_unfinished
from index_builder.debias import Debiaser
from searchapp import SearchClient
from searchapp.cli import app
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import ConfigurationError, SearchAppError
from searchapp.stores.base import StoreSpec
from searchapp.stores.names import CollectionName, VersionName

HOSTILE = [
    "../../collections",
    "..",
    ".",
    "",
    " ",
    "/tmp/evil",
    "a/b",
    "a\\b",
    "a\x00b",
    "a\n",
    "docs ",
    " docs",
    "docs.",
    "x" * 101,
    "x" * 100_000,
    "döcs",
    "ｄocs",  # full-width
    "docs\u202eevil",
    "．．／docs",
    "con",
    "NUL",
    "Aux.txt",
    "com1",
    "a__b",
    "-rf",
    "_x",
    ".hidden",
    "~",
    "C:",
    "docs:stream",
    "*",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name[:20]))
def test_no_hostile_name_is_a_name(name: str) -> None:
    for kind in (CollectionName, VersionName):
        with pytest.raises(ConfigurationError, match="name"):
            kind(name)


@pytest.mark.parametrize("name", [None, 5, b"docs", ["docs"], Path("docs")])
def test_what_is_no_text_is_no_name(name: Any) -> None:
    with pytest.raises(ConfigurationError, match="expected text"):
        CollectionName(name)


@pytest.mark.parametrize("name", ["docs", "Docs-2.v1", "9", "a_b", "x" * 100, "console", "20260101T000000000-ab12"])
def test_plain_names_stay_what_they_are(name: str) -> None:
    assert CollectionName(name) == name
    assert json.dumps(CollectionName(name)) == json.dumps(name)
    assert CollectionName(CollectionName(name)) == name


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def calls(home: Path, engine: str) -> dict[str, Callable[[str], object]]:
    """Return every method of the library that takes the name of a collection or a version."""
    catalog, work = open_catalog(engine, home), home / "builds"
    encoder = HashingEncoder()
    spec = StoreSpec(dimension=encoder.dimension)
    return {
        "client": lambda name: SearchClient(name, catalog=catalog, encoder=encoder),
        "build": lambda name: build_index(documents(), name, encoder=encoder, catalog=catalog, work=work),
        "activate": lambda name: activate(catalog, name, work=work),
        "activate version": lambda name: activate(catalog, "docs", name, work=work),
        "delete": lambda name: delete_collection(catalog, name, work=work),
        "delete a version": lambda name: delete_version(catalog, name, "v", work=work),
        "delete version": lambda name: delete_version(catalog, "docs", name, work=work),
        "discard": lambda name: discard_unfinished(catalog, work, name),
        "debias fit": lambda name: Debiaser(catalog=catalog, work=work).fit(name, None),  # type: ignore[arg-type]
        "debias on": lambda name: Debiaser(catalog=catalog, work=work).set_default(name, True),
        "catalog.versions": lambda name: catalog.versions(name),
        "catalog.live_version": lambda name: catalog.live_version(name),
        "catalog.open": lambda name: catalog.open(name),
        "catalog.open version": lambda name: catalog.open("docs", name),
        "catalog.create": lambda name: catalog.create(name, "v", spec),
        "catalog.create version": lambda name: catalog.create("docs", name, spec),
        "catalog.complete": lambda name: catalog.complete(name, "v", catalog.versions("docs")[0].manifest),
        "catalog.complete version": lambda name: catalog.complete("docs", name, catalog.versions("docs")[0].manifest),
        "catalog.activate": lambda name: catalog.activate(name, "v"),
        "catalog.activate version": lambda name: catalog.activate("docs", name),
        "catalog.attach": lambda name: catalog.attach(name, "v", "debias.npz", b""),
        "catalog.attach file": lambda name: catalog.attach("docs", "v", name, b""),
        "catalog.attachment": lambda name: catalog.attachment(name, "v", "debias.npz"),
        "catalog.delete_version": lambda name: catalog.delete_version(name, "v"),
        "catalog.delete_version version": lambda name: catalog.delete_version("docs", name),
        "catalog.delete_collection": lambda name: catalog.delete_collection(name),
    }


@pytest.mark.parametrize("engine", ["edge", "server"])
def test_no_method_lets_a_hostile_name_in(tmp_path: Path, engine: str) -> None:
    home = tmp_path / "deep" / "home"
    build(home, documents())  # what could be destroyed
    (tmp_path / "precious").write_text("mine")
    before = snapshot(tmp_path)
    for what, call in calls(home, engine).items():
        for name in HOSTILE:
            with pytest.raises(SearchAppError):
                call(name)
                raise AssertionError(f"{what} took {name!r}")
    assert snapshot(tmp_path) == before


COMMANDS = [
    ["index", "info", "NAME"],
    ["index", "rollback", "NAME"],
    ["index", "rollback", "docs", "--to", "NAME"],
    ["index", "delete", "NAME", "--yes"],
    ["index", "delete", "docs", "--yes", "--version", "NAME"],
    ["index", "build", "SOURCE", "-c", "NAME", "--encoder", "fake"],
    ["debias", "fit", "NAME", "--method", "centering"],
    ["debias", "on", "NAME"],
    ["debias", "off", "NAME"],
    ["debias", "info", "NAME"],
    ["search", "tea", "-c", "NAME"],
    ["probe", "tea", "-t", "de=Tee", "-c", "NAME"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_no_command_lets_a_hostile_name_in(tmp_path: Path, command: list[str]) -> None:
    home = tmp_path / "deep" / "home"
    build(home, documents())
    source = tmp_path / "rows.jsonl"
    source.write_text('{"id": "a", "text": "Tea grows."}\n')
    before = snapshot(tmp_path)
    for name in HOSTILE:
        words = [{"NAME": name, "SOURCE": str(source)}.get(word, word) for word in command]
        result = CliRunner().invoke(app, words, env={"SEARCHAPP_HOME": str(home), "QDRANT_URL": ""})
        assert result.exit_code != 0, (words, result.output)
        assert result.exception is None or isinstance(result.exception, (SearchAppError, SystemExit)), (
            words,
            repr(result.exception),
        )
    assert snapshot(tmp_path) == before
