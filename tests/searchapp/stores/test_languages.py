"""Test that the cache of languages reads each missing entry once and stays small."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from searchapp.stores import languages
from searchapp.stores.languages import LanguageMemory


class Shelf:
    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def fetch(self, ids: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(ids))
        return {id_: id_[:2] for id_ in ids if not id_.startswith("no")}


def test_what_is_known_is_not_fetched_again() -> None:
    shelf = Shelf()
    memory = LanguageMemory(shelf.fetch)
    assert memory.of(["de1", "fr1"]) == {"de1": "de", "fr1": "fr"}
    assert memory.of(["fr1", "th1", "de1"]) == {"fr1": "fr", "th1": "th", "de1": "de"}
    assert shelf.asked == [["de1", "fr1"], ["th1"]]
    memory.forget()
    memory.of(["de1"])
    assert shelf.asked[-1] == ["de1"]


def test_what_does_not_exist_is_undetermined() -> None:
    assert LanguageMemory(Shelf().fetch).of(["no1", "de1"]) == {"no1": "und", "de1": "de"}


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "REMEMBERED", 10)
    shelf = Shelf()
    memory = LanguageMemory(shelf.fetch)
    for place in range(0, 40, 5):
        wanted = [f"de{number}" for number in range(place, place + 5)]
        assert memory.of(wanted) == dict.fromkeys(wanted, "de")
        assert len(memory._known) <= 10
    memory.of(["de39", "de0"])
    assert shelf.asked[-1] == ["de0"], "what was asked for last is still known"
