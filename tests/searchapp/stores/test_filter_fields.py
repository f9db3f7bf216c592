"""Test fields with unusual names, values in another normal form, and fields that do not exist."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from source_support import write
from support import EVERY_ENGINE, open_catalog

from index_builder import build_index
from searchapp import SearchClient
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import InputError

METADATA = {
    "publish date": "a", "a.b": "b", "t[0]": "c", "n": {"m": "d"}, "ключ": "e", "name": "café", "a'b": "f", "v.1": 3,
}  # fmt: skip


@pytest.fixture(params=EVERY_ENGINE)
def client(request: pytest.FixtureRequest, tmp_path: Path):
    row = {"id": "1", "text": "green tea", "language": "deu", **METADATA}
    path = write(tmp_path / "a.jsonl", row, {"id": "2", "text": "green leaf", "language": "en"})
    encoder = HashingEncoder()
    with closing(open_catalog(request.param, tmp_path)) as catalog:
        build_index(path, "docs", catalog=catalog, encoder=encoder, work=tmp_path / "work")
        with SearchClient("docs", catalog=catalog, encoder=encoder) as client:
            yield client


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("publish date", "a"),
        ("a.b", "b"),
        ("t[0]", "c"),
        ("n.m", "d"),
        ("ключ", "e"),
        ("name", "cafe\u0301"),
        ("a'b", "f"),
        ("v.1", {"gte": 2}),
        ("v.1", 3.0),
        ("language", "DE"),
        ("language", ["deu", "fr"]),
        ("language", "German"),
    ],
)
def test_fields_and_values_as_people_write_them(client: SearchClient, field: str, value: object) -> None:
    assert [hit.document_id for hit in client.search("green", filters={field: value})] == ["1"]


def test_unknown_fields_and_languages_are_said(client: SearchClient) -> None:
    result = client.search("green", filters={"publsih date": "a"})
    assert not result.hits
    assert any("has the field 'publsih date'; they have a'b, a.b, " in note for note in result.notes)
    assert not any("has the field" in note for note in client.search("green", filters={"name": "tea"}).notes)
    with pytest.raises(InputError, match="names no language"):
        client.search("green", filters={"language": "klingonish"})
    with pytest.raises(InputError, match="a filter's field is"):
        client.search("green", filters={'say "tea"': "a"})
