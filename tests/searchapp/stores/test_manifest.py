from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from searchapp.errors import StoreError
from searchapp.stores.build_record import BuildRecord, DebiasRecord, EncoderOptions
from searchapp.stores.manifest import Manifest
from searchapp.text.bm25 import LexicalEncoder

STORED = (Path(__file__).parent / "stored" / "manifest.json").read_text(encoding="utf-8")
"""A manifest as version 0.1.0 wrote it when its records were dictionaries."""

OLDEST = {
    "format": 1,
    "collection": "docs",
    "version": "v1",
    "encoder": "builtin",
    "fingerprint": "f",
    "dimension": 4,
    "points": 1,
    "languages": {"de": 1},
    "lexical": {"analyser": "unicode-1", "k": 1.2, "b": 0.75, "average_length": 24},
    "configuration": {"budget": 128, "a field that nobody reads": 1},
}
"""A manifest of the first builds: fewer fields, and one that is no longer read."""


def kept(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a record the fields that an older one does not have."""
    return {key: kept(new[key], value) if isinstance(value, dict) else new[key] for key, value in old.items()}


def changed(**fields: Any) -> str:
    return json.dumps({**json.loads(STORED), **fields})


def test_a_stored_manifest_is_read_into_records_that_keep_every_field() -> None:
    manifest = Manifest.from_json(STORED)
    assert manifest.configuration.translations_by == "topic"
    assert manifest.configuration.payload_indexes == {"metadata.topic": "keyword"}
    assert manifest.configuration.encoder_options == EncoderOptions(revision=None, backend="auto")
    assert manifest.configuration.source.path == "corpus.jsonl"
    assert manifest.lexical == LexicalEncoder().configuration
    assert manifest.debias is not None
    assert (manifest.debias.name, manifest.debias.settings["rank"], manifest.debias.default) == ("lsar", 1, True)
    assert Manifest.from_json(manifest.to_json()) == manifest
    assert kept(json.loads(manifest.to_json()), json.loads(STORED)) == json.loads(STORED)


def test_no_transform_and_no_lexical_leg_are_stored_as_empty_records() -> None:
    manifest = Manifest.from_json(changed(debias={}, lexical={}))
    assert (manifest.debias, manifest.lexical, manifest.debiased_by_default) == (None, None, False)
    stored = json.loads(manifest.to_json())
    assert (stored["debias"], stored["lexical"]) == ({}, {})
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_the_manifest_of_an_early_build_takes_the_defaults() -> None:
    manifest = Manifest.from_json(json.dumps(OLDEST))
    assert manifest.configuration == BuildRecord(budget=128)
    assert manifest.configuration.encoder_options.backend == "torch"
    assert manifest.debias is None
    assert manifest.lexical is not None and manifest.lexical.title_weight == 0
    with pytest.raises(StoreError, match=r"made by 'unicode-1'.*rebuild the index"):
        LexicalEncoder.from_configuration(manifest.lexical)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"points": "3"}, "points is '3'"),
        ({"languages": []}, "languages is "),
        ({"configuration": {"payload_indexes": {"metadata.year": 1}}}, r"configuration\.payload_indexes.*is 1"),
        ({"lexical": {"analyser": "a", "k": 1.2}}, r"no field lexical\.b"),
        ({"debias": {"name": "lsar"}}, r"no field debias\.digest"),
        ({"debias": DebiasRecord.__name__}, "debias is 'DebiasRecord'"),
    ],
)
def test_a_damaged_record_is_named(fields: dict[str, Any], expected: str) -> None:
    with pytest.raises(StoreError, match=f"here: damaged manifest .*{expected}"):
        Manifest.from_json(changed(**fields), origin="here")


def test_a_manifest_of_a_newer_layout_is_refused() -> None:
    with pytest.raises(StoreError, match="manifest format 2, expected 1"):
        Manifest.from_json(changed(format=2))
