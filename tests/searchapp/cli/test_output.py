"""Text from outside stays text: neither markup nor control characters reach the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import build
from typer.testing import CliRunner

from searchapp.cli import app
from searchapp.cli.output import SafeConsole, fail, print_json, say, warn
from searchapp.datatypes import Document

EVIL = "[/x][bold]b[/] \x1b[31mred\x00\x07\x9b1m\x7f :smile: end\\"
SHOWN = "[/x][bold]b[/] ␛[31mred␀\ufffd1m␡ :smile: end\\"
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def test_say_fills_templates_with_text(capsys: pytest.CaptureFixture[str]) -> None:
    say("[bold]{name}[/] has {count:,} of {pair[0]}", name=EVIL, count=1234, pair=["[x]"])
    assert capsys.readouterr().out == f"{SHOWN} has 1,234 of [x]\n"


def test_warnings_errors_and_json_hold_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    warn(EVIL)
    fail(EVIL)
    print_json({"evil": EVIL})
    said = capsys.readouterr()
    assert said.err == f"note: {SHOWN}\nerror: {SHOWN}\n"
    assert not UNSAFE.search(said.out)
    assert json.loads(said.out) == {"evil": EVIL}


def test_colours_still_work(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    say("[bold]{name}[/]", to=SafeConsole(), highlight=False, name="x\x1b[2J")
    assert capsys.readouterr().out == "\x1b[1mx␛[2J\x1b[0m\n"


COMMANDS = [
    ["index", "list"],
    ["index", "info", "docs"],
    ["debias", "fit", "docs", "--method", "centering"],
    ["debias", "info", "docs"],
    ["search", "tea [/x] \x1b[31m", "-c", "docs"],
    ["search", "nothing like it", "-c", "docs", "-l", "de", "--rank", "balance=0.5"],
    ["probe", "tea", "-t", f"de={EVIL}", "-c", "docs"],
    ["index", "rollback", "docs"],
    ["index", "delete", "docs", "--version", EVIL, "--yes"],
    ["search", "tea", "-c", EVIL],
    [EVIL],
]


@pytest.fixture
def evil_home(home: Path) -> Path:
    rows = [Document(f"{n}{EVIL}", f"Tea {n} {EVIL} grows in hills.", title=EVIL, language="[/x]") for n in range(9)]
    for digest in ("one", "two"):
        build(home, rows, digest=digest)
    return home


def test_no_command_writes_markup_or_control_characters_of_a_collection(
    evil_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in COMMANDS:
        words = [word.replace("\x00", "") for word in command]  # no system passes NUL in an argument
        for more in ([], ["--json"]) if command != [EVIL] else ([],):
            result = CliRunner().invoke(app, [*words, *more], env={"SEARCHAPP_HOME": str(evil_home), "COLUMNS": "120"})
            assert not UNSAFE.search(result.output), (words, result.output)
            assert type(result.exception).__name__ not in ("MarkupError", "StyleSyntaxError"), words
            if result.exception is not None:
                fail(str(result.exception))
    assert not UNSAFE.search(capsys.readouterr().err)
