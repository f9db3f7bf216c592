from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from searchapp.errors import InputError
from searchapp.files.json_file import read_json, write_json
from searchapp.files.json_log import append_json, read_log
from searchapp.files.replacing import replaced
from searchapp.files.text_lines import read_cells, read_columns, read_lines


def test_a_json_file_is_written_whole_and_read_plain_or_compressed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"text": "Tee 茶", "n": [1, 2]})
    assert read_json(path) == {"text": "Tee 茶", "n": [1, 2]}
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_json(packed) == read_json(path)


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="half"), replaced(path, durable=durable) as part:
        part.write_text("ne", encoding="utf-8")
        raise ValueError("half")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
    with replaced(path, durable=durable) as part:
        part.write_text("new", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_whole_and_without_what_a_killed_process_left(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt), replaced(path) as part:
        part.mkdir()
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    part.mkdir()
    (part / "half").touch()
    with replaced(path) as part:
        part.mkdir()
        (part / "whole").touch()
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")] == ["model", "model/whole"]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b""])
def test_what_is_no_json_names_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json: not readable as JSON"):
        read_json(path)


def test_a_log_is_read_up_to_the_line_that_a_kill_cut_short(tmp_path: Path) -> None:
    log = tmp_path / "runs.jsonl"
    assert list(read_log(log)) == []
    append_json(log, {"step": 1})
    append_json(log, {"step": 2})
    log.write_text(log.read_text() + '{"step": 3, "lo')
    assert [record["step"] for record in read_log(log)] == [1, 2]


def test_lines_and_cells_have_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("q1\twhat\tis tea\n\nq2\twhere\n", encoding="utf-8")
    assert list(read_lines(path)) == [(1, "q1\twhat\tis tea"), (3, "q2\twhere")]
    assert list(read_cells(path, columns=2)) == [(1, ["q1", "what\tis tea"]), (3, ["q2", "where"])]
    with pytest.raises(InputError, match=r"a\.tsv:3: 2 tab-separated cells, expected 3"):
        list(read_cells(path, columns=3))


def test_columns_are_read_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('lemma\tlang\tsynset\n"tea\ten\ts1\nTee\tde\ts1\n', encoding="utf-8")
    assert list(read_columns(path, ("synset", "lemma"))) == [("s1", '"tea'), ("s1", "Tee")]
    with pytest.raises(InputError, match=r"a\.tsv: no column words"):
        list(read_columns(path, ("words",)))
    path.write_text("lemma\tlang\ntea\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.tsv:2: 1 cells, expected 2"):
        list(read_columns(path, ("lang",)))
