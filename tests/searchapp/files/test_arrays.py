"""Files of arrays, however they were made: read with what memory their size allows, or refused with our error."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index_builder.journal import Journal, Segment
from searchapp.debias.loading import from_bytes
from searchapp.errors import InputError, StoreError, UnreadableFileError
from searchapp.evaluation.results import QUERIES_FILE, load_per_query
from searchapp.files.arrays import Kind, read_arrays

KINDS = {"text": Kind("U", 1), "number": Kind("f", 2)}
GOOD = {"text": np.array(["x", "y"]), "number": np.eye(2, 4, dtype=np.float32)}
MOST_MEMORY = 8 * 2**20


def file_of(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{**GOOD, **arrays})
    return buffer.getvalue()


def written(header: dict[str, Any], content: bytes = b"", *, method: int = zipfile.ZIP_STORED) -> bytes:
    """Make a file whose array `number` has a header of its own."""
    buffer, own, text = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(own, {"descr": "<f4", "fortran_order": False, **header})
    np.save(text, GOOD["text"])
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("text.npy", text.getvalue())
        archive.writestr("number.npy", own.getvalue() + content)
    return buffer.getvalue()


WHOLE = file_of()
HOSTILE = {
    "empty": b"",
    "truncated": WHOLE[: len(WHOLE) // 2],
    "damaged": WHOLE.replace(b"\x00\x00\x80\x3f", b"\x00\x00\x81\x3f", 1),
    "plain array": b"\x93NUMPY\x01\x00",
    "pickle": file_of(text=np.array(["x", {}], dtype=object)),
    "complex": file_of(number=GOOD["number"].astype(complex)),
    "dates": file_of(number=np.zeros((2, 4), dtype="datetime64[s]")),
    "records": file_of(number=np.zeros((2, 4), dtype=[("a", "f4"), ("b", "f4")])),
    "NaN": file_of(number=np.full((2, 4), np.nan)),
    "one dimension": file_of(number=np.zeros(4)),
    "one more": file_of(more=np.zeros(4)),
    "more than there is": written({"shape": (10**12, 4)}),
    "more than a number can say": written({"shape": (2**62, 2**62)}),
    "less than there is": written({"shape": (1, 4)}, b"\x00" * 400),
    "nothing, many times": written({"shape": (10**12, 0)}),
    "empty texts": written({"shape": (10**6, 10**6), "descr": "<U0"}),
    "negative": written({"shape": (-1, -4)}, b"\x00" * 16),
    "the other byte order": written({"shape": (1, 4), "descr": ">f4"}, b"\x00" * 16),
    "no text": file_of(text=np.array([0x7FFFFFFF], dtype=np.uint32).view("<U1")),
    "packed": written({"shape": (1, 4)}, b"\x00" * 16, method=zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_quickly_and_cheaply(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(HOSTILE[name])
    tracemalloc.start()
    try:
        for source in (path, HOSTILE[name]):
            with pytest.raises(UnreadableFileError, match=r"a\.npz"):
                read_arrays(source, KINDS, origin="a.npz")
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    with pytest.raises(StoreError, match="damaged debias transform"):
        from_bytes(HOSTILE[name], origin="a.npz")
    path.rename(tmp_path / QUERIES_FILE)
    with pytest.raises(InputError, match="no per-query values"):
        load_per_query(tmp_path)
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "00000000.npz").write_bytes(HOSTILE[name])
    assert list(Journal(tmp_path / "journal").replay()) == []


def test_good_arrays_come_back(tmp_path: Path) -> None:
    found = read_arrays(WHOLE, KINDS)
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in GOOD.items()
    }
    assert read_arrays(file_of(**{"more.a": np.zeros(3)}), {**KINDS, "more.*": Kind("f")}).keys() == {*GOOD, "more.a"}


def test_a_bomb_of_per_query_values_is_refused(tmp_path: Path) -> None:
    """300 MB of zeros in 300 kB; what is announced is not trusted either."""
    zeros = np.zeros(75_000_000, dtype=np.float32)
    texts = np.array(["q"])
    np.savez_compressed(
        tmp_path / QUERIES_FILE, **{"qids": texts, "languages": texts, "groups": texts, "value:ndcg": zeros}
    )
    del zeros
    tracemalloc.start()
    with pytest.raises(InputError, match="bytes unpacked, at most"):
        load_per_query(tmp_path)
    assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    tracemalloc.stop()


def test_per_query_values_of_other_lengths_are_refused(tmp_path: Path) -> None:
    texts = np.array(["a", "b"])
    arrays = {"qids": texts, "languages": texts, "groups": texts, "value:ndcg": np.zeros(2)}
    for name in ("languages", "groups", "value:ndcg"):
        np.savez(tmp_path / QUERIES_FILE, **{**arrays, name: arrays[name][:1]})
        with pytest.raises(InputError, match="for 2 queries"):
            load_per_query(tmp_path)


def test_a_journal_goes_on_before_a_damaged_segment(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    for number in range(4):
        journal.append(Segment(items=number, documents=0, points=()))
    damaged = tmp_path / "j" / "00000002.npz"
    damaged.write_bytes(damaged.read_bytes()[:-40])
    assert [segment.items for segment in journal.replay()] == [0, 1]
    journal.append(Segment(items=9, documents=0, points=()))
    assert [segment.items for segment in Journal(tmp_path / "j").replay()] == [0, 1, 9]
