from __future__ import annotations

from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qsl

import pytest

from searchapp.datatypes import Mode
from searchapp.options import choices
from ui.controls import LABELS
from ui.state import CONTROLS, DEFAULTS, KEYS, Settings, checked


@pytest.mark.parametrize(
    "settings",
    [
        Settings(query="où est le thé & <b>?", languages=("de", "fr"), mode="dense", limit=20),
        Settings(query="x", balance=0.35, balance_by="rrf", per_language=2, debias="on", collapse="translations"),
        Settings(query="x", rerank=True, spans=True, expansion="both", fusion="dbsf", diversity=0.3, collection="a"),
        Settings(similar="0f6c"),
        Settings(query="x", page=3, collapse="none", balance_by="fair"),
    ],
)
def test_an_address_says_the_whole_search(settings: Settings) -> None:
    assert Settings.from_query(dict(parse_qsl(settings.to_query_string()))) == settings


def test_defaults_stay_out_of_the_address() -> None:
    assert Settings(query="tea").to_query_string() == "q=tea"
    assert DEFAULTS.to_query_string() == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mode", "magic"),
        ("k", "100000"),
        ("k", "nan"),
        ("balance", "7"),
        ("balance", "x"),
        ("per", "-1"),
        ("debias", "?"),
        ("p", "0"),
        ("p", "101"),
    ],
)
def test_what_cannot_be_read_is_left_at_its_default(key: str, value: str) -> None:
    assert Settings.from_query({"q": "tea", key: value}) == Settings(query="tea")


def test_every_field_has_a_key_and_a_control() -> None:
    assert set(CONTROLS) | {"query", "collection", "similar", "page"} == set(KEYS)


def test_settings_become_a_ranking() -> None:
    ranking = checked({"balance": 0.5, "debias": "off", "per_language": 0, "spans": "1"}).ranking
    assert (ranking.balance, ranking.debias, ranking.per_language, ranking.spans) == (0.5, False, None, True)
    assert replace(DEFAULTS, debias="on").ranking.debias is True
    assert DEFAULTS.ranking.debias is None


def test_pages_end_where_the_search_does() -> None:
    assert Settings(page=3, limit=20).offset == 40
    assert checked({"limit": 50, "page": 22}).page == 1
    assert checked({"limit": 50, "page": 21}).offset == 1_000


def test_mixing_looks_deeper() -> None:
    assert Settings(balance=0.5).ranking.depth > Settings().ranking.depth
    assert Settings().ranking.collapse == "none"


def test_every_word_of_the_ranking_schema_has_a_label() -> None:
    for name, choice in choices().items():
        if choice.kind == "word":
            assert {value for _, value in LABELS[name]} - {"auto"} == set(choice.values), name
    assert {value for _, value in LABELS["mode"]} == set(get_args(Mode))


@pytest.mark.parametrize("name", [name for name in CONTROLS if name in choices()])
def test_the_page_keeps_to_the_ranking_schema(name: str) -> None:
    choice = choices()[name]
    if choice.kind == "number":
        assert getattr(checked({name: str(choice.most)}), name) == choice.most
        assert getattr(checked({name: str(choice.most + 0.01)}), name) == getattr(DEFAULTS, name)
    elif choice.kind == "word":
        assert [getattr(checked({name: value}), name) for value in choice.values] == list(choice.values)
