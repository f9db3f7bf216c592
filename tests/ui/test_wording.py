"""Test the catalogue: every language has every text, with the same placeholders."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from ui.labels import chrome
from ui.wording import SPOKEN, preferred, wording


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", SPOKEN)
def test_every_language_has_every_text_with_its_values(language: str) -> None:
    english, own = wording("en").texts, wording(language).texts
    assert set(own) == set(english)
    for key, text in own.items():
        assert fields(text) == fields(english[key]), key
        assert text.strip(), key
    same = [
        key
        for key in own
        if own[key] == english[key] and any(letter.isalpha() for letter in own[key].replace("{place}", ""))
    ]
    assert language == "en" or len(same) < 5, same


def test_every_text_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path("ui").rglob("*") if path.suffix in (".py", ".html", ".js")
    )
    for key in wording("en").texts:
        short = key.removeprefix("ui.")
        assert f'"{short}"' in source or f".{short}" in source or key.split(".")[0] in ("mode", "step"), key


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("fr;q=0.9,es;q=0.8", "es"),
        ("zh-TW", "zh"),
        ("ar", "ar"),
        ("en;q=0.1,zh;q=0.9", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("de;q=x, ;q=,,", "en"),
        ("de;q=0", "en"),
    ],
)
def test_the_browser_chooses_the_language(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_names_of_languages_are_in_the_pages_language() -> None:
    assert [wording(code).name("th") for code in SPOKEN] == ["Thai", "Thailändisch", "tailandés", "التايلاندية", "泰语"]
    assert wording("de").name("xx") == "xx"


def test_a_sentence_begins_with_a_capital_and_lists_are_joined_as_the_language_does() -> None:
    assert wording("es")("finding.late", name="tailandés", places=9) == "Tailandés: 9 puestos más abajo"
    assert wording("de").listed(["A", "B", "C"]) == "A, B und C"
    assert wording("zh").listed(["A", "B", "C", "D", "E"]) == "A、B、C及另外 2 种"
    assert chrome(wording("ar"))["direction"] == "rtl"
