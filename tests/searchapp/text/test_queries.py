"""Test operators, the language of short queries, the language of passages, and titles."""

from __future__ import annotations

import pytest

from searchapp.datatypes import Detection, Document
from searchapp.testing import temporary_client
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.detection import FastDetector
from searchapp.text.operators import Operators, has_phrase, read_operators
from searchapp.text.passages import PassageCutter, agreed
from searchapp.text.spans import detect_spans

DETECTOR = FastDetector()
SHARES = {"en": 40, "de": 30, "es": 20, "fr": 20, "ru": 10, "sv": 5}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("green tea -black", Operators("green tea", without=("black",))),
        ('"green tea" history', Operators("green tea history", phrases=("green tea",))),
        ("title:tea leaves", Operators("tea leaves", in_title=("tea",))),
        ('title:"green tea" -"black tea"', Operators("green tea", in_title=("green tea",), without=("black tea",))),
        ("„grüner Tee“ Japan", Operators("grüner Tee Japan", phrases=("grüner Tee",))),
        ("e-mail - and -5 °C", Operators("e-mail - and °C", without=("5",))),
        ("-tea", Operators("-tea")),
        ("C++ - title: x", Operators("C++ - title: x")),
        ('the 5" pipe', Operators('the 5" pipe')),
    ],
)
def test_operators_are_read(query: str, expected: Operators) -> None:
    assert read_operators(query) == expected


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("Ein Café-Besuch am Abend", "cafe besuch", True), ("Besuch im Café", "cafe besuch", False), ("圖書館很大", "图书馆", True),
        ("图书馆", "图馆", False), ("greenhouse tea", "house tea", False), ("ﾃﾚﾋﾞを見る", "テレビ", True), ("مَدْرَسَةٌ كبيرة", "مدرسة كبيرة", True),
    ],
)  # fmt: skip
def test_a_phrase_stands_word_for_word_whatever_its_spelling(text: str, phrase: str, expected: bool) -> None:
    assert has_phrase(text, phrase) is expected


def documents() -> list[Document]:
    texts = {
        "black": ("Black tea", "Black tea is oxidised. It is strong."),
        "green": ("Green tea", "Green teas are steamed; tea that is green keeps its colour."),
        "zeppelin": ("Zeppelin", "The first rigid airship rose over Lake Constance in 1900."),
        "kites": ("Kites", "A kite rises on the wind. Drinking tea helps while waiting."),
    }
    return [Document(id=key, title=title, text=text, language="en") for key, (title, text) in texts.items()]


@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
def test_operators_and_titles_decide_what_is_found(mode: str) -> None:
    with temporary_client(documents()) as client:

        def found(query: str) -> list[str]:
            return [hit.document_id for hit in client.search(query, mode=mode).hits]  # type: ignore[arg-type]

        assert found("zeppelin")[0] == "zeppelin", "the word stands in the title alone"
        assert "black" in found("tea")
        assert "black" not in found("tea -black")
        assert set(found('"green tea"')) == {"green"}
        assert set(found("title:tea")) == {"black", "green"}
        assert found("tea -tea -green") == [] or "green" not in found("tea -green")


def test_titles_count_beside_the_text_and_can_be_left_out() -> None:
    title = LexicalEncoder(title_weight=1.0).encode_passages(["about balloons"], ["en"], ["Zeppelin"])[0]
    without = LexicalEncoder(title_weight=0.0).encode_passages(["about balloons"], ["en"], ["Zeppelin"])[0]
    assert set(without.indices) < set(title.indices)


@pytest.mark.parametrize(
    ("query", "language"),
    [("lions", "en"), ("plantes", "fr"), ("häuser", "de"), ("plantas", "es"), ("собаки", "ru"), ("kaffee", "de")],
)
def test_a_short_query_is_in_a_language_of_the_collection(query: str, language: str) -> None:
    span = detect_spans(query, DETECTOR, SHARES)[0]
    assert span.language == language or language in span.alternatives
    assert span.language in SHARES
    assert set(span.alternatives) <= SHARES.keys() - {span.language}


def test_a_long_query_may_be_in_a_language_that_the_collection_lacks() -> None:
    spans = detect_spans("dlaczego liście drzew są zielone latem i żółte jesienią", DETECTOR, SHARES)
    assert [span.language for span in spans] == ["pl"]
    assert spans[0].alternatives == ()


@pytest.mark.parametrize(
    ("query", "form"), [("lions", "lion"), ("plantes", "plante"), ("Häuser", "Haus"), ("casas", "casa")]
)
def test_the_other_form_of_a_single_word_is_found_whatever_it_is_taken_for(query: str, form: str) -> None:
    language = {"lion": "en", "plante": "fr", "Haus": "de", "casa": "es"}[form]
    lexical = LexicalEncoder()
    asked = lexical.encode_query(detect_spans(query, DETECTOR, SHARES))
    assert set(asked.indices) & set(lexical.encode_passages([form], [language])[0].indices)


def test_a_document_votes_on_the_language_of_its_passages() -> None:
    long = "x" * 200
    found = [
        Detection("en", 0.9, "Latn"),
        Detection("nl", 0.6, "Latn"),
        Detection("und", 0.1, "Zyyy"),
        Detection("en", 0.8, "Latn"),
    ]
    assert [one.language for one in agreed(found, [long, "Hals", "12", long])] == ["en"] * 4
    other = [Detection("en", 0.9, "Latn"), Detection("de", 0.95, "Latn"), Detection("ja", 1.0, "Jpan")]
    assert [one.language for one in agreed(other, [long * 3, long, "東京"])] == ["en", "de", "ja"]
    assert agreed([Detection("und", 0.0, "Zyyy")], ["12"])[0].language == "und"


def test_headings_and_names_are_in_the_language_of_their_document() -> None:
    body = "The plants make sugar from light and water, and they give off oxygen all day long. " * 6
    cutter = PassageCutter(DETECTOR, budget=40)
    document = Document(id="1", text=f"Materia Medica\n\n{body}\n\nIn vitro, in vivo.\n\n{body}")
    assert {passage.language for passage in cutter.cut(document)} == {"en"}
