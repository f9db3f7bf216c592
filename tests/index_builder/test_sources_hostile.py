"""Test files that exhaust memory or time, and files with one bad item: the rest is read, and all is accounted for."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import subprocess
import sys
import textwrap
import zipfile
from collections import Counter
from pathlib import Path

import pytest
import zstandard
from source_support import split, write

from index_builder.sources import walking
from index_builder.sources.metadata import MAX_METADATA
from index_builder.sources.opening import open_source
from index_builder.sources.readers import word
from searchapp.errors import FileChangedError, InputError
from searchapp.files import opening


def kinds(path: Path, **options: str) -> tuple[list[str], list[str]]:
    documents, rejects = split(open_source(str(path), **options))
    return [document.id for document in documents], [reject.kind for reject in rejects]


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "RATIO_FREE", 1 << 16)


GOOD = '{"id": "good", "text": "tea"}\n'


@pytest.mark.usefixtures("small_bounds")
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize(
    "name", ["bomb.csv.gz", "bomb.json.gz", "bomb.jsonl", "bomb.html", "bomb.md", "bomb.txt", "bomb.tsv"]
)
def test_a_decompression_bomb_is_rejected_and_the_folder_goes_on(tmp_path: Path, pack, name: str) -> None:
    head = {"json.gz": b'{"data": [{"paragraphs": [{"context": "', "csv.gz": b"id,text\n1,", "tsv": b"id\ttext\n1\t"}
    start = head.get(name.partition(".")[2], b'{"id": "1", "text": "' if "jsonl" in name else b"")
    (tmp_path / name).write_bytes(pack(start + b"a" * (40 << 20)))
    (tmp_path / "good.txt").write_text("tea")
    ids, rejected = kinds(tmp_path)
    assert (ids, rejected) == (["good.txt"], ["decompression bomb"])


@pytest.mark.usefixtures("small_bounds")
def test_bombs_in_zip_and_docx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"a" * (40 << 20))
        archive.writestr("good.txt", "tea")
    monkeypatch.setattr(word, "MAX_PART", 1 << 20)
    with zipfile.ZipFile(tmp_path / "b.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<" * (40 << 20))
    assert kinds(tmp_path) == (["a.zip/good.txt"], ["decompression bomb"] * 2)


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt", "folder"])
def test_pipes_and_devices_are_refused_at_once(tmp_path: Path, name: str) -> None:
    if name == "folder":
        (tmp_path / "good.txt").write_text("tea")
        os.mkfifo(tmp_path / "pipe.txt")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "socket.md"))
            assert kinds(tmp_path) == (["good.txt"], ["not a file", "not a file"])
            assert open_source(str(tmp_path)).digest()
        return
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="a pipe, expected a file"):
        open_source(str(tmp_path / name))
    with pytest.raises(InputError, match="a device, expected a file"):
        open_source("/dev/zero", format="jsonl")


def test_markup_made_to_take_for_ever(tmp_path: Path) -> None:
    (tmp_path / "divs.html").write_text("<div>" * 1_000_000 + "tea")
    (tmp_path / "divs.md").write_text("<div>" * 200_000 + "tea")
    (tmp_path / "tags.html").write_text("<p>tea</p>" * 200_000)
    (tmp_path / "table.md").write_text("|a" * 2000 + "|\n" + "|-" * 2000 + "|\n" + "|x|\n" * 5000)
    (tmp_path / "ticks.md").write_text("`" * 1_100_000)
    (tmp_path / "quotes.md").write_text(">" * 200_000 + " tea")
    (tmp_path / "links.md").write_text("[a](" * 30_000)
    (tmp_path / "stars.md").write_text("*a **b " * 50_000)
    documents, rejects = split(open_source(str(tmp_path)))
    assert {Path(reject.path).name: reject.kind for reject in rejects} == {
        "divs.html": "too many tags",
        "tags.html": "too many tags",
    }
    assert {document.id for document in documents} == {
        "table.md",
        "ticks.md",
        "divs.md",
        "quotes.md",
        "links.md",
        "stars.md",
    }


def test_titles_metadata_ids_and_languages_have_limits(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {"id": "1", "text": "tea", "title": "t" * 1001},
        {"id": "2", "text": "tea", "m": "x" * (MAX_METADATA + 1)},
        {"id": "3" * 1001, "text": "tea"},
        {"id": "4", "text": "tea", "language": "e" * 200_000},
        {"id": "5", "text": "tea " * 1_000_000, "m": "x" * 60_000},
        {"id": "6", "text": "tea", "m": [[]] * 100_000},
        {"id": "7", "text": "tea", "title": "t" * 1000, "m": "x" * 60_000, "language": "en"},
    )
    documents, rejects = split(open_source(str(path)))
    assert [(d.id, d.language) for d in documents] == [("7", "en")]
    assert [(r.line, r.kind) for r in rejects] == [
        (1, "too long"),
        (2, "metadata too large"),
        (3, "too long"),
        (4, "too long"),
        (5, "metadata too large"),
        (6, "metadata too large"),
    ]
    assert "1,001 characters, at most 1,000" in rejects[0].reason
    assert "200,000 characters, expected the code of a language" in rejects[3].reason
    assert all(len(json.dumps(reject.to_dict())) < 5000 for reject in rejects)


@pytest.mark.parametrize(
    "row",
    [
        '{"id": "x", "text": "' + "A sentence of tea. " * 50_000 + '", "m": "' + "x" * 3_000_000 + '"}',
        '{"id": "x", "text": "tea", "m": [' + "[]," * 1_300_000 + "[]]}",
        '{"id": "x", "text": "tea", "m": {' + ",".join(f'"{n}":{{}}' for n in range(300_000)) + "}}",
        '{"id": "x", "text": "tea", "m": ' + "[" * 2_000_000 + "}",
    ],
)
def test_a_row_of_four_megabytes_costs_less_than_a_hundred(tmp_path: Path, row: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(row + "\n" + GOOD)
    program = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r})
        from support import peak_bytes
        from index_builder.sources.opening import open_source
        list(open_source({str(path.with_name("good.jsonl"))!r}))
        before = peak_bytes()
        kinds = [getattr(item, "kind", item.id if hasattr(item, "id") else "") for item in open_source({str(path)!r})]
        print(kinds[1:], (peak_bytes() - before) >> 20)
    """
    path.with_name("good.jsonl").write_text(GOOD)
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    kept, megabytes = run.stdout.rsplit(" ", 1)
    assert kept == "['good']"
    assert int(megabytes) < 100


@pytest.mark.parametrize(
    ("content", "ids", "rejected"),
    [
        ('id,text\n1,tea\n2,"leaf\n3,cup\n4,pot\n', ["1", "3", "4"], [(3, "unpaired quote")]),
        ('id,text\n1,"tea\n2,leaf\n3,"cup\n4,pot\n', ["2", "4"], [(2, "unpaired quote"), (4, "unpaired quote")]),
        ('id,text\n1,"two\nlines"\n2,a 5" cup\n3,"say ""tea"""\n', ["1", "2", "3"], []),
        ('id,text\n1,"tea" leaf\n2,cup\n', ["1", "2"], []),
        ('"id\n","te\nxt",language\n1,tea,deu\n', ["1"], None),
        (
            "id,text\n1,tea\n2,leaf,cup\n3\n4,pot\n",
            ["1", "4"],
            [(3, "wrong number of fields"), (4, "wrong number of fields")],
        ),
    ],
)
def test_rows_of_csv_in_are_rows_out(
    tmp_path: Path, content: str, ids: list[str], rejected: list[tuple[int, str]] | None
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    if rejected is None:  # the header's line breaks are spaces
        (document,) = split(open_source(str(path), columns=None))[0] if False else [None]
        path.write_text(content.replace("te\nxt", "text"))
        (document,), _ = split(open_source(str(path)))
        assert (document.id, document.language) == ("1", "de")
        return
    documents, rejects = split(open_source(str(path)))
    assert ([document.id for document in documents], [(r.line, r.kind) for r in rejects]) == (ids, rejected)


def test_a_quote_in_tsv_is_a_character(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('id\ttext\n1\t"tea is green\n2\tleaf\n')
    documents, rejects = split(open_source(str(path)))
    assert ([document.text for document in documents], rejects) == (['"tea is green', "leaf"], [])


def test_many_unpaired_quotes_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + '1,"a""\n' * 200_000)
    assert sum(len(part) for part in split(open_source(str(path)))) >= 100_000


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_a_file_that_is_cut_while_it_is_read_fails_the_build(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = [{"id": str(n), "text": "tea " * 50} for n in range(5000)]
    if name == "a.csv":
        path.write_text("id,text\n" + "".join(f"{row['id']},{row['text']}\n" for row in rows))
    else:
        path.write_text(json.dumps(rows) if name == "a.json" else "".join(json.dumps(row) + "\n" for row in rows))
    source = open_source(str(path))
    source.digest()
    items = iter(source)
    next(items)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(FileChangedError, match=r"changed while it was read .*bytes before"):
        list(items)


def test_the_first_row_does_not_decide_the_fields(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {"text": "tea"},
        {"id": "2", "title": "Leaf", "content": "leaf", "language": "English"},
        {"_id": "3", "text": "cup", "lang": "deu"},
        {"id": "4", "title": "Pot", "text": ""},
        {"id": "5", "title": "Lid", "text": None},
    )
    documents, rejects = split(open_source(str(path)))
    assert rejects == []
    assert [(d.id, d.text, d.title, d.language, d.metadata) for d in documents[1:]] == [
        ("2", "leaf", "Leaf", "en", {}),
        ("3", "cup", "", "de", {}),
        ("4", "Pot", "Pot", None, {}),
        ("5", "Lid", "Lid", None, {}),
    ]


def test_what_says_no_language_is_detected_and_kept_as_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "a", "language": null}\n{"text": "b", "language": "null"}\n{"text": "c", "language": "\\ud800"}\n'
        '{"text": "d", "language": "und"}\n{"text": "e", "language": "klingonish"}\n{"text": "f", "language": 7}\n'
    )
    documents, rejects = split(open_source(str(path)))
    assert rejects == []
    assert [(d.language, d.metadata) for d in documents] == [
        (None, {}),
        (None, {}),
        (None, {"language": "\ufffd"}),
        (None, {}),
        (None, {"language": "klingonish"}),
        (None, {"language": 7}),
    ]


def test_one_bad_file_of_a_folder_does_not_fail_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("e\u0301.txt", "\u00e9.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "blank.txt").write_text("\u00a0\u200b \u2003\n\ufeff")
    (tmp_path / "broken.md.gz").write_bytes(gzip.compress(b"tea" * 1000)[:-20])
    (tmp_path / "broken.csv.zst").write_bytes(zstandard.compress(b"id,text\n1,tea\n" * 1000)[:-20])
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 not a zip file")
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04 not a zip file")
    (tmp_path / "no_text.csv").write_text("a,b\n1,2\n")
    (tmp_path / "package.json").write_text('{"name": "tea", "version": "1"}')
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "a.txt").write_text("tea")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    scan = os.scandir

    def refused(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(walking.os, "scandir", refused)
    documents, rejects = split(open_source(str(tmp_path)))
    assert {document.text for document in documents} == {"\u00e9.txt"}
    assert len({document.id for document in documents}) == len(documents) == 2
    assert {Path(reject.path).name: reject.kind for reject in rejects} == {
        "blank.txt": "empty text",
        "broken.md.gz": "damaged",
        "broken.csv.zst": "damaged",
        "broken.zip": "damaged",
        "broken.docx": "damaged",
        "no_text.csv": "not readable",
        "package.json": "not readable",
        "closed": "unreadable",
        "gone.txt": "unreadable",
    }
    assert open_source(str(tmp_path)).digest()


def test_squad_folders_with_copies_beside(tmp_path: Path) -> None:
    squad = {
        "data": [
            {"title": "Tea", "paragraphs": [{"context": "Green tea. And black tea.", "sentence_breaks": [[0, 10]]}]}
        ]
    }
    (tmp_path / "en.json").write_text(json.dumps(squad))
    (tmp_path / "en.json.bak").write_text(json.dumps(squad))
    (tmp_path / "en.json.gz").write_bytes(gzip.compress(json.dumps(squad).encode()))
    documents, rejects = split(open_source(str(tmp_path)))
    assert [(d.id, d.language) for d in documents] == [("en/0/0", "en")]
    assert [d.text[a:b] for d in documents for a, b in d.boundaries or ()] == ["Green tea.", " And black tea."]
    assert [(Path(r.path).name, r.kind) for r in rejects] == [("en.json.gz", "duplicate id")]


def test_parquet_values_that_python_cannot_hold(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    nanoseconds = pa.array([1, 1_600_000_000_123_456_789, None], pa.timestamp("ns"))
    days = pa.array([2**31 - 1, 18_000, None], pa.int32()).cast(pa.date32())
    table = pa.table({"id": ["1", "2", "3"], "text": ["tea", "leaf", "cup"], "at": nanoseconds, "day": days})
    pq.write_table(table, tmp_path / "a.parquet")
    documents, rejects = split(open_source(str(tmp_path / "a.parquet")))
    assert [document.id for document in documents] == ["1", "2", "3"]
    assert rejects == []
    assert documents[1].metadata["day"] == "2019-04-14"
    assert documents[1].metadata["at"].startswith("2020-09-13 12:26:40.123456789")


def test_elements_of_a_json_array_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    good = '{"id": "%s", "text": "tea ] } , [ \\" \\\\"}'
    path.write_text("[" + ", ".join([good % 1, "[" * 50_000, "]" * 50_000, '{"id": NaN,}', good % 2, "7"]) + "]")
    documents, rejects = split(open_source(str(path)))
    assert {d.id for d in documents} <= {"1", "2"} and documents[0].text == 'tea ] } , [ " \\'
    path.write_text("[" + ", ".join([good % 1, '{"id": }', good % 2, "7", '{"id": 1e999, "text": "x"}']) + "]")
    documents, rejects = split(open_source(str(path)))
    assert [d.id for d in documents] == ["1", "2"]
    assert [(r.line, r.kind) for r in rejects] == [(2, "malformed JSON"), (4, "not an object"), (5, "wrong type")]
    for tail, kind in (("", "damaged"), ("] []", "malformed JSON")):
        path.write_text("[" + good % 1 + tail)
        documents, rejects = split(open_source(str(path)))
        assert [r.kind for r in rejects] == [kind]
    path.write_text('{"version": "1", "data": []}')
    assert split(open_source(str(path))) == ([], [])


def test_rows_in_are_documents_and_rejects(tmp_path: Path) -> None:
    rows = [{"id": str(n % 7), "text": "tea" if n % 3 else "", "n": n} for n in range(50)]
    path = write(tmp_path / "a.jsonl", *rows, b"{", b"[]", b"7")
    documents, rejects = split(open_source(str(path)))
    assert len(documents) + len(rejects) == 53
    assert Counter(reject.kind for reject in rejects)["duplicate id"] > 10
    assert io.StringIO
