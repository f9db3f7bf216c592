from __future__ import annotations

import csv
import io
import json

from searchapp.datatypes import Hit
from ui.export import export

HITS = [
    Hit("1", "d,1", 1, 0.5, 'a "quoted" text\nof two lines', "=1+1", "en", 0, 5, {"dense": 0.5}, {"topic": "tea"}),
    Hit("2", "@cmd", 2, 0.25, "שלום", "-x", "he", 0, 4),
]


def test_json_holds_everything() -> None:
    found = json.loads(export(HITS, "json"))
    assert [hit["id"] for hit in found] == ["1", "2"]
    assert found[0]["payload"] == {"topic": "tea"}
    assert "שלום" in export(HITS, "json")


def test_a_table_is_read_as_it_was_written_and_calculates_nothing() -> None:
    text = export(HITS, "csv")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert [row["text"] for row in rows] == [hit.text for hit in HITS]
    assert [row["title"] for row in rows] == ["'=1+1", "'-x"]
    assert rows[1]["document_id"] == "'@cmd"
    assert rows[0]["score"] == "0.5"
