from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from source_support import split, write
from support import SHARED

from benchmarks.campaign.pdf import one_page_pdf
from index_builder.sources import folder
from index_builder.sources.columns import Columns
from index_builder.sources.opening import open_source
from searchapp.datatypes import Document
from searchapp.errors import InputError
from searchapp.text.detection import FastDetector
from searchapp.text.passages import PassageCutter


def test_jsonl_rows_and_metadata(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {"id": "1", "text": "e\u0301 tea\x00", "title": "T", "language": "zh-Hant", "year": 1999, "tags": ["a"]},
        b"",
        {"id": 2, "text": "coffee", "score": None},
    )
    documents, rejects = split(open_source(str(path)))
    assert rejects == []
    assert documents[0] == Document("1", "é tea", "T", "zh", None, {"year": 1999, "tags": ["a"]})
    assert (documents[1].id, documents[1].language, documents[1].metadata) == ("2", None, {"score": None})


BAD_ROWS = [
    (b'{"id": "x", "text": ', "malformed JSON", "malformed JSON"),
    (b'["list"]', "not an object", "list, expected an object"),
    (b'{"id": "x"}', "missing field", "no field 'text'; the row has 'id'"),
    (b'{"id": "x", "text": 7}', "wrong type", "'text' is int, expected text"),
    (b'{"id": "x", "text": "  \\u0000 "}', "empty text", "'text' is empty"),
    (b'{"id": "x", "text": "\\ud800"}', "empty text", "'text' is empty"),
    (b'{"id": "x", "text": "\xff\xfe"}', "invalid UTF-8", "byte 0xff at 21 is not UTF-8"),
    (b'{"id": {"a": 1}, "text": "tea"}', "wrong type", "'id' is dict, expected text"),
    (b'{"id": "good", "text": "again"}', "duplicate id", "id 'good' was used before, in line 1"),
    (b"[" * 100_000, "malformed JSON", ""),
]


@pytest.mark.parametrize(("row", "kind", "reason"), BAD_ROWS)
def test_a_bad_row_is_rejected_with_line_and_reason_and_the_rest_goes_on(
    tmp_path: Path, row: bytes, kind: str, reason: str
) -> None:
    path = write(tmp_path / "a.jsonl", {"id": "good", "text": "tea"}, row, {"id": "last", "text": "coffee"})
    documents, rejects = split(open_source(str(path)))
    assert [document.id for document in documents] == ["good", "last"]
    assert [(reject.line, reject.kind, reject.path) for reject in rejects] == [(2, kind, str(path))]
    assert reason in rejects[0].reason
    json.dumps(rejects[0].to_dict()).encode("utf-8")


def test_a_ten_megabyte_line_is_set_aside(tmp_path: Path) -> None:
    huge = b'{"id": "h", "text": "' + b"x" * 10_000_000 + b'"}'
    path = write(tmp_path / "a.jsonl", {"id": "1", "text": "tea"}, huge, {"id": "2", "text": "coffee"})
    documents, rejects = split(open_source(str(path)))
    assert [document.id for document in documents] == ["1", "2"]
    assert (rejects[0].line, rejects[0].kind) == (2, "line too long")
    assert "10,000,024 bytes" in rejects[0].reason
    assert len(json.dumps(rejects[0].to_dict())) < 2000


def test_a_lone_surrogate_inside_a_text_is_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"text": "tea \\ud800 leaf"}')
    (document,), _ = split(open_source(str(path)))
    assert document.text == "tea \ufffd leaf"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_compression_is_told_by_content_and_damage_keeps_the_good_rows(tmp_path: Path, pack) -> None:
    rows = b"".join(
        json.dumps({"id": str(n), "text": f"tea {n} " + "é" * (n % 50)}).encode() + b"\n" for n in range(20_000)
    )
    path = tmp_path / "a.jsonl"
    path.write_bytes(pack(rows))
    assert len(list(open_source(str(path)))) == 20_000
    packed = path.read_bytes()
    path.write_bytes(packed[: len(packed) // 2])
    documents, rejects = split(open_source(str(path)))
    assert [document.id for document in documents[:3]] == ["0", "1", "2"] or not documents
    assert [reject.kind for reject in rejects] == ["damaged"], "a file that is cut off is never taken for a short one"


def test_frames_of_zstd_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    frames = [zstandard.compress(json.dumps({"id": str(n), "text": "tea " * n}).encode() + b"\n") for n in (1, 50_000)]
    path.write_bytes(b"".join(frames))
    documents, rejects = split(open_source(str(path)))
    assert ([len(d.text) for d in documents], rejects) == ([4, 200_000], [])
    path.write_bytes(frames[0] + b"not zstd")
    documents, rejects = split(open_source(str(path)))
    assert ([d.id for d in documents], [r.kind for r in rejects]) == (["1"], ["damaged"])


def test_metadata_becomes_what_every_engine_can_hold(tmp_path: Path) -> None:
    row = b'{"text": "tea", "k\\ud800": {"\\udfff": "\\ud800"}, "big": -9223372036854775808, "ok": -5}'
    (document,), _ = split(open_source(str(write(tmp_path / "a.jsonl", row))))
    assert document.metadata == {
        "k\ufffd": {"\ufffd": "\ufffd"},
        "big": -(2**63),
        "ok": -5,
    }
    row = b'{"text": "tea", "deep": ' + b"[" * 300 + b"]" * 300 + b"}"
    (document,), _ = split(open_source(str(write(tmp_path / "b.jsonl", row))))
    json.dumps(document.metadata)
    assert str(document.metadata["deep"]).count("[") <= 2 * 300


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ('"price": NaN', "'price' is nan, expected a finite number"),
        ('"price": -Infinity', "'price' is -inf"),
        ('"price": 1e999', "'price' is inf"),
        ('"price": 9223372036854775808', "'price' is an integer of 64 bits"),
        ('"price": -1180591620717411303424', "'price' is an integer of 71 bits"),
        ('"offers": [1, {"price": [NaN]}]', "'offers' is nan"),
        ('"title": NaN', "'title' is nan"),
    ],
)
def test_numbers_that_no_engine_stores_are_rejected(tmp_path: Path, field: str, said: str) -> None:
    rows = [f'{{"id": "bad", "text": "tea", {field}}}'.encode(), b'{"id": "good", "text": "tea", "price": 1.5}']
    (tmp_path / "lines").mkdir()
    documents, rejects = split(open_source(str(write(tmp_path / "lines" / "a.jsonl", *rows))))
    assert [document.id for document in documents] == ["good"]
    assert [(reject.line, reject.kind) for reject in rejects] == [(1, "number out of range")]
    assert said in rejects[0].reason
    (tmp_path / "a.json").write_bytes(b"[" + b", ".join(rows) + b"]")
    documents, rejects = split(open_source(str(tmp_path / "a.json")))
    assert ([document.id for document in documents], [reject.kind for reject in rejects]) == (
        ["good"],
        ["number out of range"],
    )


def test_numbers_that_no_engine_stores_are_rejected_in_parquet_and_front_matter(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["tea", "coffee", "cocoa"],
            "price": pa.array([float("nan"), 1.5, None]),
            "count": pa.array([1, 2**64 - 1, 3], pa.uint64()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.md").write_text("---\nprice: .nan\n---\nTea.\n")
    (tmp_path / "b.md").write_text(f"---\nprice: {2**70}\n---\nTea.\n")
    (tmp_path / "c.md").write_text("---\nprice: 5\n---\nTea.\n")
    documents, rejects = split(open_source(str(tmp_path)))
    assert [document.metadata.get("price") for document in documents] == [None, 5]
    assert {reject.kind for reject in rejects} == {"number out of range"}
    assert len(rejects) == 4


def test_columns_by_flag_by_usual_name_and_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"key": "k", "words": "tea", "lingua": "it"})
    columns = Columns(text="words", id="key", language="lingua")
    (document,), _ = split(open_source(str(path), columns=columns))
    assert (document.id, document.text, document.language) == ("k", "tea", "it")
    with pytest.raises(InputError, match=r"no text field: the first row has 'key', 'words', 'lingua'.*--text-field"):
        list(open_source(str(path)))
    with pytest.raises(InputError, match=r"no field 'nope' \(--id-field\)"):
        list(open_source(str(path), columns=Columns(text="words", id="nope")))


def test_rows_without_ids_get_the_same_ones_every_time(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "tea"}, {"text": "tea"})
    first, second = ([document.id for document in split(open_source(str(path)))[0]] for _ in range(2))
    assert first == second
    assert len(set(first)) == 2


def test_csv_and_tsv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        '\ufeffid;text;year\n1;"tea; with\nmilk";1999\n2;coffee\n3;\xff;1\n4;ok;2\n'.encode("latin-1", "replace")[1:]
    )
    path.write_bytes(b'\xef\xbb\xbfid;text;year\n1;"tea; with\nmilk";1999\n2;coffee\n3;\xff;1\n4;ok;2\n')
    documents, rejects = split(open_source(str(path)))
    assert [(d.id, d.text, d.metadata) for d in documents] == [
        ("1", "tea; with\nmilk", {"year": "1999"}),
        ("4", "ok", {"year": "2"}),
    ]
    assert [(reject.line, reject.kind) for reject in rejects] == [(4, "wrong number of fields"), (5, "invalid UTF-8")]
    assert "2 fields, the header has 3" in rejects[0].reason
    tabs = tmp_path / "b.tsv"
    tabs.write_text("id\ttext\n1\ttea, green\n")
    assert split(open_source(str(tabs)))[0][0].text == "tea, green"
    empty = tmp_path / "c.csv"
    empty.write_text("")
    with pytest.raises(InputError, match="expected a header"):
        list(open_source(str(empty)))


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["1", "2"], "text": ["tea", None], "lang": ["en", "de"]}), path)
    documents, rejects = split(open_source(str(path)))
    assert [(d.id, d.language) for d in documents] == [("1", "en")]
    assert [(r.line, r.kind) for r in rejects] == [(2, "wrong type")]
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match="not a Parquet file, or damaged"):
        list(open_source(str(path)))


def test_beir(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "Tea", "text": "A leaf.", "metadata": {"url": "u"}})
    source = open_source(str(tmp_path))
    (document,), _ = split(source)
    assert (document.id, document.title, document.metadata) == ("d1", "Tea", {"metadata": {"url": "u"}})
    with pytest.raises(InputError, match=r"no corpus\.jsonl"):
        open_source(str(tmp_path.parent), format="beir")


def test_squad_breaks_and_damage(tmp_path: Path) -> None:
    paragraph = {"context": "One.  Two e\u0301.", "sentence_breaks": [[0, 4], [6, 13]], "qas": []}
    (tmp_path / "de.json").write_text(json.dumps({"data": [{"title": "A_B", "paragraphs": [paragraph, {"qas": []}]}]}))
    documents, rejects = split(open_source(str(tmp_path)))
    (document,) = documents
    assert (document.id, document.title, document.language) == ("de/0/0", "A B", "de")
    assert [document.text[a:b] for a, b in document.boundaries or ()] == ["One.", "Two é."]
    assert [(r.kind, r.line) for r in rejects] == [("missing field", 1)]
    (tmp_path / "en.json").write_text("{")
    documents, rejects = split(open_source(str(tmp_path)))
    assert [d.id for d in documents] == ["de/0/0"]
    assert {(Path(r.path).name, r.kind) for r in rejects} == {
        ("de.json", "missing field"),
        ("en.json", "malformed JSON"),
    }


@pytest.mark.shared
def test_xquad_r_gives_all_its_sentences() -> None:
    source = open_source(str(SHARED / "xquad-r"))
    documents, rejects = split(source)
    cutter = PassageCutter(FastDetector())
    passages = [passage for cut in cutter.cut_batch(documents) for passage in cut]
    assert rejects == []
    assert len(documents) == 2640
    assert len(passages) == 13_014
    assert len({passage.id for passage in passages}) == 13_014
    assert {passage.language for passage in passages} == {
        "ar",
        "de",
        "el",
        "en",
        "es",
        "hi",
        "ru",
        "th",
        "tr",
        "vi",
        "zh",
    }
    assert all(passage.context for passage in passages)


def test_folders_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Plain tea.")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.md").write_text("# Green tea\n\nIt is *green* & good.\n")
    (tmp_path / "c.html").write_text("<html><title>Page</title><script>evil()</script><p>Black &amp; strong</p></html>")
    (tmp_path / "d.pdf").write_bytes(b"%PDF-1.4 broken")
    (tmp_path / "e.txt").write_bytes(b"\xff bad")
    (tmp_path / ".hidden.txt").write_text("secret")
    (tmp_path / "f.bin").write_bytes(b"\x00")
    documents, rejects = split(open_source(str(tmp_path)))
    assert [(d.id, d.title) for d in documents] == [("a.txt", "a"), ("c.html", "Page"), ("sub/b.md", "Green tea")]
    assert documents[1].text == "Black & strong"
    assert documents[2].text == "Green tea\n\nIt is green & good."
    assert [(Path(r.path).name, r.kind) for r in rejects] == [("d.pdf", "damaged"), ("e.txt", "invalid UTF-8")]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no files to read"):
        open_source(str(tmp_path / "empty"))


def test_encodings_and_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Notepad's grüner Tee".encode("utf-16"))
    page = "<meta charset='iso-8859-1'><p>Le café \x96 crème</p>"
    (tmp_path / "b.html").write_bytes(page.encode("latin-1"))
    (tmp_path / "c.html").write_bytes(b"<meta charset='klingon'><p>caf\xe9</p>")
    for odd in (b"n\xff.txt", b"n\xfe.txt"):
        (tmp_path / os.fsdecode(odd)).write_text("tea")
    documents, rejects = split(open_source(str(tmp_path)))
    assert {d.id: d.text for d in documents} == {
        "a.txt": "Notepad's grüner Tee",
        "b.html": "Le café – crème",
        "n\\xff.txt": "tea",
        "n\\xfe.txt": "tea",
    }
    assert [(Path(r.path).name, r.kind) for r in rejects] == [("c.html", "invalid UTF-8")]
    for document in documents:
        f"{document.id}{document.title}{document.metadata}".encode()


def test_a_file_too_large_to_be_read_whole_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_BYTES", 100)
    (tmp_path / "a.txt").write_text("x" * 101)
    (tmp_path / "b.txt").write_text("tea")
    documents, rejects = split(open_source(str(tmp_path)))
    assert ([d.id for d in documents], [r.kind for r in rejects]) == (["b.txt"], ["too large"])


def test_json_files_that_are_not_squad(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {"id": "1", "text": "tea"}, {"id": "2", "text": "leaf"})
    assert [d.id for d in split(open_source(str(path)))[0]] == ["1", "2"]
    path = write(tmp_path / "one.json", {"id": "1", "text": "tea"})
    assert [d.id for d in split(open_source(str(path)))[0]] == ["1"]
    path.write_text(json.dumps([{"id": "1", "text": "tea"}]))
    assert [d.id for d in split(open_source(str(path)))[0]] == ["1"]


def test_pdf_text_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(one_page_pdf("Tea from a page"))
    (document,), rejects = split(open_source(str(tmp_path)))
    assert rejects == []
    assert document.text == "Tea from a page"


def test_hugging_face_datasets_from_disk(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"id": ["1", "2"], "text": ["tea", ""]})
    rows.save_to_disk(str(tmp_path / "one"))
    datasets.DatasetDict({"train": rows, "test": rows}).save_to_disk(str(tmp_path / "two"))
    documents, rejects = split(open_source(str(tmp_path / "one")))
    assert ([d.text for d in documents], [r.kind for r in rejects]) == (["tea"], ["empty text"])
    assert len(list(open_source(f"{tmp_path / 'two'}:test", format="hf"))) == 2
    with pytest.raises(InputError, match="no split 'dev'; it has train, test"):
        list(open_source(f"{tmp_path / 'two'}:dev", format="hf"))


def test_formats_that_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"\x00\x01")
    with pytest.raises(InputError, match="unknown format; name it with --format"):
        open_source(str(tmp_path / "data"))
    with pytest.raises(InputError, match="unknown format 'xml'"):
        open_source(str(tmp_path / "data"), format="xml")
    with pytest.raises(InputError, match="no such file or folder"):
        open_source(str(tmp_path / "missing.jsonl"))


def test_digests_follow_the_content_and_fractions_reach_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *({"text": f"tea {n}"} for n in range(50)))
    source = open_source(str(path))
    before = source.digest()
    assert source.digest() == before
    count = len(list(source))
    assert source.fraction(count) == 1.0
    assert source.fraction(count // 2) == pytest.approx(0.5)
    write(path, {"text": "other"})
    assert open_source(str(path)).digest() != before


def test_memory_stays_constant_over_a_large_file(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        for number in range(30_000):
            file.write(json.dumps({"id": str(number), "text": "tea " * 100}) + "\n")
    tracemalloc.start()
    for _ in open_source(str(path)):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size > 12_000_000
    assert peak < 8_000_000, "ids are remembered by their hash, rows are not"
