from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp import snippet
from searchapp.datatypes import LanguageSpan
from searchapp.demo import corpus_path
from searchapp.errors import InputError
from searchapp.text.highlights import find_matches

SCRIPTS = "aé ñß.!? \nжё؟بيֿَُُאָह्नदीกำ่้ส。，光合作用のカメラーー학교에서🇩🇪👩‍👩‍👧e\u0301'\"(1٩"


def found(text: str, query: str, language: str = "und") -> list[str]:
    return [text[match.start : match.end] for match in find_matches(text, query, language)]


@pytest.mark.parametrize(
    ("language", "text", "query", "expected"),
    [
        ("en", "Why do plants need light? The lights of Paris.", "the light of a plant", ["plants", "light", "The", "lights", "of"]),
        ("en", "General rules", "genetics", []),
        ("en", "The end of it", "and it zebra", []),
        ("en", "AI in the EU since 1999", "AI EU ١٩٩٩", ["AI", "EU", "1999"]),
        ("de", "Die Häuser der Stadt", "das Haus", ["Häuser"]),
        ("fr", "La photosynthèse nourrit", "Photosynthese", ["photosynthèse"]),
        ("ru", "Пчела, нашедшая цветы, танцует", "почему пчёлы танцуют", ["Пчела", "танцует"]),
        ("ar", "شُيدت الأهرامات القريبة من القاهرة", "من بنى أهرامات الجيزة؟", ["الأهرامات"]),
        ("he", "החומה הסינית איננה חומה אחת", "החומה הסינית", ["החומה", "הסינית", "חומה"]),
        ("hi", "हिन्दी किताब पानी में है", "किताब क्या है", ["किताब"]),
        ("zh", "植物制造糖", "植物怎么造", ["植物"]),
        ("ja", "オーロラは緑色に光ります", "オーロラはなぜ緑色なのですか", ["オーロラ", "緑色"]),
        ("ja", "茶の木の葉", "茶", ["茶"]),
        ("ko", "학교에서 배운다", "학교는 어디", ["학교에서"]),
        ("th", "เมื่อน้ำอุ่น ปะการังจะสูญเสีย", "ทำไมแนวปะการังกลาย", ["ปะการัง"]),
        ("vi", "Rạn san hô chiếm hô hấp", "vì sao san hô", ["san", "hô"]),
    ],
)  # fmt: skip
def test_words_of_the_query_are_found_in_their_forms(language: str, text: str, query: str, expected: list[str]) -> None:
    assert found(text, query, language) == expected


def test_each_word_of_a_mixed_query_is_read_in_its_own_language() -> None:
    spans = (LanguageSpan("die Sterne ", 0, 11, "de", 1, "Latn"), LanguageSpan("die hard", 11, 19, "en", 1, "Latn"))
    assert [match.what for match in find_matches("He died, the hard stars die", spans, "en")] == ["die", "hard", "die"]
    assert find_matches("Die Leute", spans, "de") == []  # a stop word of the text's language


def test_a_query_of_stop_words_is_found_word_by_word() -> None:
    assert found("Who is it, and why", "who is it", "en") == ["Who", "is", "it"]


LONG = (
    "Coffee came to Europe in the seventeenth century. The first houses opened in Venice and London. "
    "In Vienna the sugar cube was served beside it. Nobody knows who had the idea of milk first."
)


def test_the_excerpt_begins_with_the_sentence_that_answers() -> None:
    excerpt = snippet(LONG, "sugar cubes in Vienna", "en", length=60)
    assert excerpt.text == "In Vienna the sugar cube was served beside it."
    assert [LONG[start:end] for start, end in excerpt.highlights] == ["In", "Vienna", "sugar", "cube"]
    assert LONG[excerpt.start : excerpt.end] == excerpt.text
    both = snippet(LONG, "the first house, and the sugar cube", "en", length=110)
    assert both.text.startswith("The first houses")
    assert both.text.endswith("beside it.")


def test_without_a_shared_word_the_excerpt_is_the_beginning() -> None:
    excerpt = snippet(LONG, "光合作用", "en", length=60)
    assert (excerpt.text, excerpt.start, excerpt.highlights) == (LONG[:49], 0, ())


def test_a_text_that_fits_is_left_whole_and_none_asks_for_all() -> None:
    assert snippet("  Short text. ", "text", "en").text == "Short text."
    assert snippet(LONG, "Vienna", "en", length=None).text == LONG
    assert snippet("", "x", "en") == snippet(" \n", "x", "en")
    assert snippet("", "x", "en").text == ""
    with pytest.raises(InputError, match="length 0"):
        snippet("text", "x", length=0)


def test_a_long_sentence_is_cut_between_words_around_what_matches() -> None:
    text = "word " * 100 + "the zebra stands here " + "word " * 100
    excerpt = snippet(text, "zebra", "en", length=50)
    assert "the zebra stands here" in excerpt.text
    assert set(excerpt.text.split()) <= {"word", "the", "zebra", "stands", "here"}
    assert len(excerpt.text) <= 50


def test_a_word_that_just_fits_is_kept() -> None:
    assert snippet("Green leaves turn", "", "en", length=12).text == "Green leaves"
    assert snippet("Green leaves turn", "", "en", length=11).text == "Green"


def test_thai_is_cut_at_its_spaces() -> None:
    text = next(row["text"] for row in rows() if row["id"] == "coral-reefs-th")
    excerpt = snippet(text, "ปะการังกลายเป็นสีขาว", "th", length=90)
    assert excerpt.start > 0
    assert text[excerpt.start - 1] == " "
    assert [text[start:end] for start, end in excerpt.highlights][-1] == "กลายเป็นสีขาว"


def test_chinese_characters_take_two_columns() -> None:
    text = "植物利用阳光把水变成糖。" * 20
    assert snippet(text, "植物", "zh", length=50).text == "植物利用阳光把水变成糖。" * 2


def test_pieces_join_to_the_excerpt() -> None:
    excerpt = snippet("Green leaves", "leaves", "en")
    assert excerpt.pieces == (("Green ", False), ("leaves", True))


def rows() -> list[dict[str, str]]:
    return [json.loads(line) for line in corpus_path().read_text(encoding="utf-8").splitlines()]


def whole(text: str) -> set[int]:
    return {match.start() for match in regex.finditer(r"\X", text)} | {len(text)}


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(st.sampled_from(SCRIPTS), max_size=80).map(lambda text: unicodedata.normalize("NFC", text)),
    query=st.text(st.sampled_from(SCRIPTS), max_size=20),
    language=st.sampled_from(["en", "ar", "th", "zh", "ja", "hi", "und"]),
    length=st.integers(1, 60),
)
def test_no_grapheme_is_cut_in_any_script(text: str, query: str, language: str, length: int) -> None:
    for most in (length, None):
        excerpt = snippet(text, query, language, length=most)
        assert text[excerpt.start : excerpt.end] == excerpt.text
        assert excerpt.text == excerpt.text.rstrip()
        edges = whole(text)
        assert {excerpt.start, excerpt.end} <= edges
        places = [place for span in excerpt.highlights for place in span]
        assert set(places) <= edges
        assert places == sorted(places)
        assert all(excerpt.start <= start < end <= excerpt.end for start, end in excerpt.highlights)
        assert "".join(piece for piece, _ in excerpt.pieces) == excerpt.text


def test_every_passage_of_the_demo_keeps_to_the_length(tmp_path: Path) -> None:
    for row in rows()[::7]:
        excerpt = snippet(row["text"], row["title"], row["language"], length=120)
        wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in excerpt.text)
        marks = sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in excerpt.text)
        assert 0 < len(excerpt.text) + wide - marks <= 120
