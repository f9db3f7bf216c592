from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.datatypes import LanguageSpan, SparseVector
from searchapp.errors import StoreError
from searchapp.text.bm25 import UNSURE_IN_QUERY, WORD_WEIGHT, LexicalEncoder
from searchapp.text.endings import ENDINGS, PREFIXES
from searchapp.text.stems import SNOWBALL
from searchapp.text.terms import STOP_WORDS, Vocabulary

LEXICAL = LexicalEncoder()


def spans(text: str, language: str) -> list[LanguageSpan]:
    return [LanguageSpan(text, 0, len(text), language, 1.0, "Zyyy")]


def query(text: str, language: str) -> set[int]:
    return set(LEXICAL.encode_query(spans(text, language)).indices)


def passage(text: str, language: str) -> set[int]:
    return set(LEXICAL.encode_passages([text], [language])[0].indices)


def weight(vector: SparseVector, term: int) -> float:
    return dict(zip(vector.indices, vector.values, strict=True))[term]


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("de", "Die Häuser der Städte", "haus stadt"),
        ("en", "Plants were producing sugars", "plant produces sugar"),
        ("ru", "Листья деревьев зелёные", "дерево зеленый"),
        ("el", "Η φωτοσύνθεση είναι σημαντική", "ΦΩΤΟΣΥΝΘΕΣΗ"),
        ("tr", "İSTANBUL'da ağaçlar", "istanbul ağaç"),
        ("hi", "पौधे शर्करा बनाते हैं।", "शर्करा"),
        ("ar", "تصنع النباتات السُّكَّر في الأوراق", "سكر اوراق"),
        ("he", "הַצְּמָחִים מייצרים סוכר", "הצמחים סוכר"),
        ("th", "การสังเคราะห์แสงเป็นกระบวนการของพืช", "พืช"),
        ("zh", "植物制造糖和氧气", "植物 糖"),
        ("ja", "植物は光合成によって糖を作ります", "光合成 糖"),
        ("ja", "ソフトウェアﾊﾞｲﾅﾘ", "バイナリ"),
        ("ko", "학생들이 학교에서 공부한다", "학교 학생"),
        ("km", "រុក្ខជាតិបង្កើតស្ករ", "ស្ករ"),
        ("lo", "ພືດສ້າງນ້ຳຕານ", "ນ້ຳຕານ"),
        ("my", "အပင်များသည်သကြား", "သကြား"),
    ],
)
def test_words_are_found_in_every_script(language: str, text: str, asked: str) -> None:
    for word in asked.split():
        assert query(word, language) & passage(text, language), word
    assert len(passage(text, language)) > 1, "one term for the whole text means that nothing was segmented"


@pytest.mark.parametrize("text", ["光合成", "東京都", "量子力学入門"])
def test_kanji_without_kana_find_the_japanese_passage_that_has_them(text: str) -> None:
    found = passage(f"これは{text}についての文章です。", "ja")
    assert query(text, "ja") <= found
    assert query(text, "zh") <= found, "and when they are taken for Chinese"


def test_names_and_numbers_match_across_languages() -> None:
    shared = query("Panthers 308", "en") & passage("Die Panthers gaben 308 Punkte ab", "de")
    assert len(shared) == 2, "the stems differ (panther, panth), the words do not"
    assert query("١٩٩٩", "ar") == query("1999", "en") == query("๑๙๙๙", "th")
    assert query("Łódź Ørsted Straße", "und") == query("lodz orsted strasse", "und")
    assert query("2016年", "zh") & passage("in 2016", "en")


def test_stop_words_go_in_the_languages_that_have_them() -> None:
    assert query("der die das Haus", "de") == query("Haus", "de")
    assert len(query("der die das Haus", "und")) > len(query("Haus", "und"))


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("en", "The WHO met today", "who"),
        ("en", "It is IT", "it"),
        ("fr", "Le son du violon", "le son"),
        ("de", "Sie sind da", "sind"),
    ],
)
def test_a_query_of_stop_words_keeps_its_words(language: str, text: str, asked: str) -> None:
    assert query(asked, language) & passage(text, language)


def test_an_acronym_that_looks_like_a_stop_word_stays() -> None:
    who = query("WHO", "en") - query("vaccine", "en")
    assert who <= query("WHO vaccine", "en")
    assert not who & query("who made the vaccine", "en")


@pytest.mark.parametrize("language", ["und", "fr", "tr", "ja"])
def test_a_wrong_or_unknown_language_still_finds_the_words_as_they_are(language: str) -> None:
    assert len(query("producing sugars", language) & passage("Plants were producing sugars", "en")) >= 2


def test_weights_saturate_and_shrink_with_length() -> None:
    once, thrice = LEXICAL.encode_passages(["1999 a", "1999 1999 1999 a"], ["und", "und"])
    number = query("1999", "und").pop()
    assert weight(once, number) < weight(thrice, number) < 3 * weight(once, number)
    short, long = LEXICAL.encode_passages(["tea 7", "tea 7 " + "word filler thing " * 20], ["und", "und"])
    seven = query("7", "und").pop()
    assert weight(long, seven) < weight(short, seven)


def test_weights_are_those_of_the_formula() -> None:
    encoder = LexicalEncoder(k=2.0, b=0.5, average_length=4.0)
    vector = encoder.encode_passages(["tea tea green"], ["und"])[0]
    norm = 2.0 * (1 - 0.5 + 0.5 * 3 / 4.0)
    assert sorted(vector.values) == pytest.approx([1 * 3.0 / (1 + norm), 2 * 3.0 / (2 + norm)])


def test_length_is_counted_in_words_whatever_the_script() -> None:
    """Parallel sentences give a shared number about the same weight."""
    english, chinese = LEXICAL.encode_passages(
        [
            "In 1998 the university opened its new library beside the old botanical garden",
            "1998年,这所大学在旧植物园旁边开设了新的图书馆",
        ],
        ["en", "zh"],
    )
    year = query("1998", "und").pop()
    assert weight(english, year) == pytest.approx(weight(chinese, year), rel=0.1)


def test_a_query_weighs_stems_more_than_their_words() -> None:
    vector = LEXICAL.encode_query(spans("houses", "en"))
    assert sorted(set(vector.values)) == [UNSURE_IN_QUERY, WORD_WEIGHT, 1.0]
    assert set(LEXICAL.encode_query(spans("houses", "und")).values) == {1.0, UNSURE_IN_QUERY}


def test_each_span_is_analysed_in_its_own_language() -> None:
    mixed = [LanguageSpan("die Häuser", 0, 10, "de", 1, "Latn"), LanguageSpan(" the houses", 10, 21, "en", 1, "Latn")]
    assert set(LEXICAL.encode_query(mixed).indices) == query("Häuser", "de") | query("houses", "en")


def test_configuration_round_trip_and_refusal() -> None:
    encoder = LexicalEncoder(k=1.5, b=0.4, average_length=50)
    again = LexicalEncoder.from_configuration(encoder.configuration)
    assert again.configuration == encoder.configuration
    assert again.encode_passages(["two words"], ["en"]) == encoder.encode_passages(["two words"], ["en"])
    with pytest.raises(StoreError, match="rebuild the index"):
        LexicalEncoder.from_configuration(replace(encoder.configuration, analyser="older"))


@pytest.mark.parametrize("text", ["", "  \n", "!?…", "\u200d\ufffd"])
def test_text_without_words_has_no_terms(text: str) -> None:
    assert not LEXICAL.encode_passages([text], ["de"])[0]
    assert not LEXICAL.encode_query(spans(text, "de"))
    assert not LEXICAL.encode_query([])


def test_every_language_of_the_tables_is_known_to_the_engine() -> None:
    for language in {*SNOWBALL, *STOP_WORDS, *ENDINGS, *PREFIXES}:
        assert passage("Panthers 42", language), language


def test_forgetting_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchapp.text.terms.PIECES", 2)
    text = "one two three four two three"
    assert LexicalEncoder().encode_passages([text], ["en"]) == LEXICAL.encode_passages([text], ["en"])
    vocabulary = Vocabulary("en")
    for piece in text.split():
        assert vocabulary[piece][0]
    assert len(vocabulary) <= 2


def test_threads_get_the_same_vectors() -> None:
    texts = [f"Passage {n} tells of subject {n % 13} in words" for n in range(400)]
    expected = LEXICAL.encode_passages(texts, ["en"] * len(texts))
    fresh = LexicalEncoder()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: fresh.encode_passages([text], ["en"])[0], texts))
    assert found == expected


@given(st.text(max_size=80), st.sampled_from(["en", "ar", "th", "zh", "ko", "km", "und"]))
def test_any_text_gives_distinct_terms_in_range_with_positive_weights(text: str, language: str) -> None:
    vector = LEXICAL.encode_passages([text], [language])[0]
    assert len(set(vector.indices)) == len(vector.indices) == len(vector.values)
    assert all(0 <= index < 2**32 for index in vector.indices)
    assert all(value > 0 for value in vector.values)
    asked = LEXICAL.encode_query(spans(text, language))
    assert bool(asked) == bool(vector)
    assert not vector or set(asked.indices) & set(vector.indices), "a passage is found by its own text"
