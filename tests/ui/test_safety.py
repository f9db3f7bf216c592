from __future__ import annotations

import logging
from pathlib import Path

import pytest

from searchapp.errors import ConfigurationError, InputError
from ui.safety import (
    allowed_encoder,
    allowed_path,
    checked_upload,
    guarded,
    listed_files,
    login_check,
    public_name,
    public_text,
    read_users,
)


def test_users_come_from_a_file_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEARCHAPP_AUTH", "env:secret")
    assert read_users(None) == {"env": "secret"}
    file = tmp_path / "users"
    file.write_text("# people\nada:pass:with:colons\n\nmüller:straße\n", encoding="utf-8")
    assert read_users(file) == {"ada": "pass:with:colons", "müller": "straße"}
    monkeypatch.delenv("SEARCHAPP_AUTH")
    assert read_users(None) is None


@pytest.mark.parametrize("text", ["nobody", "name:", ":password", "", "# only a comment"])
def test_users_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "users"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="name:password"):
        read_users(file)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_users(tmp_path / "missing")


def test_a_users_file_that_others_can_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "users"
    file.write_text("ada:x")
    file.chmod(0o600)
    read_users(file)
    assert not caplog.records
    file.chmod(0o644)
    read_users(file)
    assert "chmod 600" in caplog.text


def test_logins_are_checked() -> None:
    check = login_check({"ada": "päss", "empty": "x"})
    assert check("ada", "päss")
    assert not check("ada", "pass")
    assert not check("eve", "")
    assert not check("", "")


def test_only_files_of_allowed_folders_are_read(tmp_path: Path) -> None:
    folder, outside = tmp_path / "data", tmp_path / "data-secret"
    folder.mkdir()
    outside.mkdir()
    (folder / "a.jsonl").write_text("{}")
    (outside / "b.jsonl").write_text("{}")
    (folder / "link.jsonl").symlink_to(outside / "b.jsonl")
    assert allowed_path("a.jsonl", [folder]) == (folder / "a.jsonl").resolve()
    for path in ("../data-secret/b.jsonl", str(outside / "b.jsonl"), "link.jsonl", "/etc/passwd"):
        with pytest.raises(InputError, match="outside"):
            allowed_path(path, [folder])
    with pytest.raises(InputError, match="no such file"):
        allowed_path("c.jsonl", [folder])
    with pytest.raises(InputError, match="no folder"):
        allowed_path("a.jsonl", [])


def test_encoders_are_offered_on_the_hub_or_in_an_allowed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, outside = tmp_path / "data", tmp_path / "org" / "model"
    (folder / "models" / "mine").mkdir(parents=True)
    outside.mkdir(parents=True)
    (folder / "link").symlink_to(outside)
    monkeypatch.chdir(tmp_path)

    def allowed(name: str, *, others: bool = True, folders: tuple[Path, ...] = (folder,)) -> str:
        return allowed_encoder(name, offered=("builtin", "/srv/house"), others=others, folders=folders)

    assert [allowed(name, others=False) for name in ("builtin", "/srv/house")] == ["builtin", "/srv/house"]
    assert allowed(" intfloat/multilingual-e5-small ") == "intfloat/multilingual-e5-small"
    mine = str((folder / "models" / "mine").resolve())
    assert allowed("models/mine") == allowed(mine) == mine
    for name in (
        str(outside),
        "../org/model",
        "link",
        "/etc",
        "org/model",
        "./org/model",
        "~",
        "~x/y",
        "",
        "a/b/c",
        "x\0y",
        "fake",
        "bert-base-uncased",
    ):
        with pytest.raises(InputError):
            allowed(name)
    for name in (mine, str(outside)):
        with pytest.raises(InputError, match="expected builtin"):
            allowed(name, folders=())
    with pytest.raises(InputError, match="not offered here"):
        allowed("intfloat/multilingual-e5-small", others=False)


def test_files_are_listed_without_hidden_ones_and_links_that_lead_out(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / ".git").mkdir(parents=True)
    for name in ("a.jsonl", "b.csv", "c.exe", ".hidden.jsonl", ".git/d.jsonl"):
        (folder / name).write_text("x")
    (tmp_path / "outside.csv").write_text("x")
    (folder / "link.csv").symlink_to(tmp_path / "outside.csv")
    assert [Path(path).name for path in listed_files([folder])] == ["a.jsonl", "b.csv"]
    assert len(listed_files([folder], most=1)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "an older version answers: /srv/home/collections/docs is damaged",
            "an older version answers: …/docs is damaged",
        ),
        ("http://ada:pa:ss@qdrant.lan:6333/x failed", "http://***@qdrant.lan:6333/x failed"),
        (
            "no model at ~/models/e5: expected /srv/a/b.json, not '/srv/c d/e'",
            "no model at …/e5: expected …/b.json, not '…/c d/e'",
        ),
        (
            "org/model, de/en, 1/2, km/h, https://example.org/a/b",
            "org/model, de/en, 1/2, km/h, https://example.org/a/b",
        ),
        ("the collection '../etc' …/docs", "the collection '../etc' …/docs"),
        ("http://ada:hun@ter2@h/v1 answers", "http://***@h/v1 answers"),
        ("http://ada:hun/ter#2@h/v1", "http://***@h/v1"),
        ("ada:hunter2@h:9", "***@h:9"),
        ("file:///home/ada/x.json", "…/x.json"),
        ("see:/home/ada/x", "see:…/x"),
        ("C:\\Users\\ada\\x.txt is missing", "…/x.txt is missing"),
    ],
)
def test_messages_tell_neither_paths_nor_passwords(text: str, said: str) -> None:
    assert public_text(text) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("builtin", "builtin"),
        ("org/model", "org/model"),
        ("/srv/models/e5", "…/e5"),
        ("~/e5", "…/e5"),
        ("./m/e5", "…/e5"),
    ],
)
def test_an_encoder_is_named_without_its_place(name: str, said: str) -> None:
    assert public_name(name) == said


def test_uploads_are_checked(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.jsonl", tmp_path / "a.exe"
    good.write_bytes(b"x" * 100)
    bad.write_bytes(b"x")
    assert checked_upload(str(good)) == good
    with pytest.raises(InputError, match="another type"):
        checked_upload(str(bad))
    with pytest.raises(InputError, match="at most"):
        checked_upload(str(good), most=10)
    with pytest.raises(InputError, match="no file"):
        checked_upload(None)


def test_errors_are_friendly_and_their_details_are_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def wrong() -> str:
        raise InputError("the query is empty")

    def broken() -> str:
        raise RuntimeError("secret path /srv/x")

    with caplog.at_level(logging.WARNING):
        assert guarded(wrong, said=lambda headline, advice: advice) == "the query is empty"
        assert "secret" not in guarded(broken, said=lambda headline, advice: headline + advice)
    assert "secret path" in caplog.text
