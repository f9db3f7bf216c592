"""Test that untrusted text stays text: neither markup nor control characters reach the terminal."""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path

import pytest
from support import build
from typer.testing import CliRunner

from searchapp.cli import app, main
from searchapp.cli.output import SafeConsole, SafeFormatter, fail, print_json, say, warn
from searchapp.datatypes import Document
from searchapp.errors import ConfigurationError, redacted
from searchapp.settings import read_settings

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


SECRETS = {
    "QDRANT_API_KEY": "key-of-the-server",
    "SEARCHAPP_WRITER_KEY": "key-of-the-writer",
    "QDRANT_URL": "http://ada:hunter2@127.0.0.1:9",
}
WORDS = ("key-of-the", "hunter2", "ada:")


@pytest.mark.parametrize("debug", [[], ["--debug"]])
@pytest.mark.parametrize(
    ("command", "env"),
    [
        (["index", "list"], {}),
        (["search", "tea", "-c", "docs"], {}),
        (["index", "build", "nothing.jsonl", "--url", "http://ada:hunter2@127.0.0.1:9"], {}),
        (["index", "list"], {"QDRANT_URL": "ada:hunter2@host"}),
        (["index", "list"], {"QDRANT_URL": "http://ada:hun/hunter2@127.0.0.1:9"}),
        (["index", "list", "--url", "http://ada:hun?hunter2@127.0.0.1:9"], {}),
        (["index", "list", "--url", "http://ada:hun#hunter2@127.0.0.1:9"], {}),
        (["index", "list", "--url", "http://ada:hun hunter2@127.0.0.1:9"], {}),
        (["index", "list"], {"QDRANT_URL": "//ada:hunter2@127.0.0.1:9"}),
        (["index", "list"], {"QDRANT_URL": "http:/ada:hunter2@127.0.0.1:9"}),
        (["index", "list"], {"QDRANT_URL": "http://127.0.0.1:9?api-key=hunter2"}),
        (["index", "list"], {"SEARCHAPP_WRITER_TIMEOUT": "key-of-the-writer"}),
    ],
)
def test_no_message_shows_a_secret(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    debug: list[str],
    command: list[str],
    env: dict[str, str],
) -> None:
    code, said = call([*debug, *command], {**SECRETS, **env}, monkeypatch, capsys)
    assert code not in (0, 1), said
    assert not [word for word in WORDS if word in said], said
    assert ("Traceback" in said) == bool(debug)


def call(
    command: list[str], env: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str]:
    """Run the command line in this process; return the exit code and all output."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["searchapp", *command])
    monkeypatch.setattr(sys.modules["searchapp.cli.app"], "_state", {"debug": False})
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return left.value.code, said.out + said.err


def test_a_writer_that_fails_leaves_its_password_out_of_the_notes(
    evil_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {**SECRETS, "QDRANT_URL": "", "SEARCHAPP_HOME": str(evil_home), "SEARCHAPP_WRITER_MODEL": "m"}
    env["SEARCHAPP_WRITER_URL"] = "http://ada:hunter2@127.0.0.1:9/v1"
    command = ["--debug", "search", "tea", "-c", "docs", "--rank", "expansion=passage", "--json"]
    code, said = call(command, env, monkeypatch, capsys)
    assert code == 0, said
    assert "the plain query was searched" in said
    assert not [word for word in WORDS if word in said], said


def test_a_wrong_setting_in_the_file_is_told_without_its_value(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "searchapp.toml").write_text('writer_kye = "key-of-the-writer"\n')
    monkeypatch.chdir(tmp_path)
    code, said = call(["--debug", "index", "list"], {"SEARCHAPP_HOME": str(home)}, monkeypatch, capsys)
    assert (code, "writer_kye" in said, "key-of" in said) == (2, True, False)


def test_a_file_of_settings_that_is_nested_too_deeply_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "searchapp.toml").write_text("home = " + "[" * 5000)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"searchapp\.toml: maximum recursion"):
        read_settings()


def test_log_lines_are_redacted_and_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDRANT_API_KEY", "key-of-the-server")
    record = logging.LogRecord(
        "n", logging.INFO, "f", 1, "HTTP Request: GET %s", ("http://ada:hunter2@h/x\x1b[2J",), None
    )
    assert SafeFormatter("%(message)s key-of-the-server").format(record) == "HTTP Request: GET http://***@h/x␛[2J ***"
    assert redacted("write to ada@example.org or see https://example.org/@ada:x") == (
        "write to ada@example.org or see https://example.org/@ada:x"
    )
