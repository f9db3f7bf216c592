"""Documents of programs: whatever their fields hold, they are indexed or rejected, and nothing else goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ListSource

from index_builder import Reject, build_index
from index_builder.sources.opening import open_source
from searchapp import Document, SearchClient
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import InputError

GOOD = Document("good", "Assam grows tea.")


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


def circular() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["me"] = found
    return found


def bad(**fields: Any) -> Document:
    return Document(**{"id": "bad", "text": "Tea leaves.", **fields})


@pytest.mark.parametrize("given", [list, ListSource], ids=["list", "source"])
@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (bad(metadata={5: "x", "a": 1, None: 2, (1, 2): 3}), None),
        (bad(metadata=nested(3000)), None),
        (bad(metadata=circular()), None),
        (bad(metadata={"o": object(), "s": {1}, "b": b"x", "least": -(2**63), "d": Decimal("NaN")}), None),
        (bad(metadata={"nan": float("nan")}), "number out of range"),
        (bad(metadata={"numpy": np.float32("nan")}), "number out of range"),
        (bad(metadata={"deep": [{"inf": float("inf")}]}), "number out of range"),
        (bad(metadata={"big": 2**70}), "number out of range"),
        (bad(metadata={"unsigned": np.uint64(2**64 - 1)}), "number out of range"),
        (bad(metadata={"huge": 10**5000}), "number out of range"),
        (bad(metadata={"fraction": Fraction(10**400)}), "number out of range"),
        (bad(metadata={"\ud800": "\ud800"}), None),
        (bad(metadata={"x": "x" * 3_000_000}), "metadata too large"),
        (bad(metadata={"x": [{}] * 100_000}), "metadata too large"),
        (bad(text="Tea leaves. " * 100_000, metadata={"x": "x" * 60_000}), "metadata too large"),
        (bad(metadata=["x"]), "wrong type"),
        (bad(metadata=None), "wrong type"),
        (bad(id=None), "wrong type"),
        (bad(id=5), "wrong type"),
        (bad(id=""), "missing field"),
        (bad(id="x" * 1001), "too long"),
        (bad(id="\ud800"), None),
        (bad(text=None), "wrong type"),
        (bad(text=b"tea"), "wrong type"),
        (bad(text="Tea \ud800 leaves."), None),
        (bad(text="a" + "\u0301" * 300_000), None),
        (bad(text="tea " * 2_000_000), "too long"),
        (bad(text="tea " * 4_000_000), "too long"),
        (bad(title=None), "wrong type"),
        (bad(title="\ud800"), None),
        (bad(title="t" * 1001), "too long"),
        (bad(language=5), "wrong type"),
        (bad(language="e" * 200_000), "too long"),
        (bad(language="[/x]\x1b"), None),
        (bad(boundaries=5), "wrong type"),
        (bad(boundaries=((0, 99),)), "bad boundaries"),
        (bad(boundaries=((0, "5"),)), "bad boundaries"),
        (bad(boundaries=((5, 5),)), "bad boundaries"),
        (bad(boundaries=(0, 5)), "bad boundaries"),
    ],
)
def test_any_document_is_indexed_or_rejected(
    tmp_path: Path, document: Document, kind: str | None, given: Callable[[list[Document]], Any]
) -> None:
    report = build_index(given([GOOD, document]), "docs", encoder=HashingEncoder(), home=tmp_path)
    assert (report.documents, report.reasons) == ((2, {}) if kind is None else (1, {kind: 1}))
    with SearchClient("docs", home=tmp_path, encoder=HashingEncoder()) as client:
        assert "good" in {hit.document_id for hit in client.search("tea")}


def test_numbers_of_numpy_stay_numbers(tmp_path: Path) -> None:
    document = bad(metadata={"whole": np.int64(1990), "part": np.float32(0.5)})
    build_index([document], "docs", encoder=HashingEncoder(), home=tmp_path)
    with SearchClient("docs", home=tmp_path, encoder=HashingEncoder()) as client:
        (hit,) = client.search("tea", filters={"whole": {"gte": 1990}})
    assert hit.payload == {"whole": 1990, "part": 0.5}


def test_boundaries_move_with_the_text_that_is_normalised(tmp_path: Path) -> None:
    text = "Cafe\u0301 first.\r\nThe\x00 second. Third."
    spans = [(text.index(word), text.index(word) + len(word)) for word in ("Cafe\u0301 first.", "The\x00 second.")]
    build_index([bad(text=text, boundaries=tuple(spans))], "docs", encoder=HashingEncoder(), home=tmp_path)
    with SearchClient("docs", home=tmp_path, encoder=HashingEncoder()) as client:
        hits = client.search("first second").hits
    assert sorted((hit.text, hit.start) for hit in hits) == [("Café first.", 0), ("The second.", 12)]


def test_a_source_of_a_program_that_repeats_an_id_or_gives_no_documents(tmp_path: Path) -> None:
    reject = Reject("memory", 3, "no reason", "its own")
    report = build_index(ListSource([GOOD, GOOD, reject]), "docs", encoder=HashingEncoder(), home=tmp_path)
    assert (report.documents, report.reasons) == (1, {"duplicate id": 1, "its own": 1})
    with pytest.raises(InputError, match="memory:1: str, expected a Document"):
        build_index(ListSource(["text"]), "docs", encoder=HashingEncoder(), home=tmp_path)  # type: ignore[list-item]


def test_front_matter_whose_aliases_stand_for_billions_of_values(tmp_path: Path) -> None:
    names = "abcdefghijk"
    lists = [f"&a [{', '.join('x' * 9)}]"]
    lists += [f"&{name} [{', '.join(f'*{before}' for _ in range(9))}]" for before, name in pairwise(names)]
    deep = "[" * 40 + ", ".join(lists) + "]" * 40
    (tmp_path / "bomb.md").write_text(f"---\ndeep: {deep}\n---\nTea leaves.\n")
    (tmp_path / "good.md").write_text("Assam grows tea.\n")
    found = list(open_source(str(tmp_path)))
    assert [type(item) for item in found if "good" in str(item)] == [Document]
    assert all(len(str(item)) < 20_000 for item in found)
