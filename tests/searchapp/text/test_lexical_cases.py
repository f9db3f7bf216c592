"""Test that spellings and forms of a word match in the lexical leg and unrelated words do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import SHARED

from benchmarks.lexical_cases import MATCH, Case, meets, read_cases
from searchapp.text.bm25 import LexicalEncoder

LEXICAL = LexicalEncoder()
ROMANISED = Path(__file__).with_name("romanised.tsv")


def case(language: str, passage: str, query: str) -> Case:
    return Case("own", language, passage, query, MATCH)


@pytest.mark.parametrize(
    ("language", "passage", "query"),
    [
        ("en", "I.B.M. computers", "IBM"), ("en", "rock'n'roll", "rocknroll"), ("fr", "aujourd’hui", "aujourdhui"),
        ("de", "Groß-Gerau", "grossgerau"), ("de", "Jägerstraße", "Jaegerstrasse"), ("sv", "Göteborg", "Goeteborg"),
        ("da", "Århus", "Aarhus"), ("no", "Bodø", "Bodoe"), ("is", "Seyðisfjörður", "Seydisfjordur"), ("pl", "Wrocław", "Wroclaw"),
        ("ru", "замо́к на две́ри", "замок"), ("uk", "об'єкт", "обʼєкт"), ("sr", "Београд", "Beograd"), ("kk", "Алматы", "Almaty"),
        ("ar", "كِتَابٌ", "كتاب"), ("ar", "وبالكتاب", "كتاب"), ("fa", "دانشگاه‌ها", "دانشگاه"), ("ur", "کیا", "كيا"),
        ("he", "בספר", "ספר"), ("he", "יְרוּשָׁלַיִם", "ירושלים"), ("hi", "ज़रूरी", "जरूरी"), ("hi", "हिन्दी", "हिंदी"),
        ("mr", "मुंबईमध्ये", "मुंबई"), ("bn", "বাংলাদেশের", "বাংলাদেশ"), ("ml", "കേരളത്തിൽ", "കേരളം"), ("te", "భారతదేశంలో", "భారతదేశం"),
        ("th", "ทํางาน", "ทำงาน"), ("th", "ตู้เย็น", "ตู้เย็น"), ("lo", "ນໍ້າ", "ນ້ຳ"), ("km", "កម្ពុជា​", "កម្ពុជា"),
        ("zh", "電腦軟體", "电脑"), ("zh", "三百六十五天", "365"), ("ja", "ﾊﾟｿｺﾝ", "パソコン"), ("ja", "ユーザ", "ユーザー"),
        ("ja", "学々", "学学"), ("ko", "서울특별시", "서울"), ("am", "ፀሐይ", "ጸሀይ"), ("ka", "თბილისში", "თბილისი"),
        ("cs", "v Praze", "Praha"), ("sw", "vitabu", "kitabu"), ("fi", "lentokenttä", "kenttä"), ("nl", "ziekenhuis", "huis"),
        ("sv", "sjukhus", "hus"), ("en", "travelled", "traveled"), ("en", "organisation", "organization"), ("en", "mice", "mouse"),
        ("en", "🚀 launch", "🚀"), ("en", "C++17", "c++"), ("en", "parseJsonFile", "json"), ("en", "2 500 000", "2500000"),
        ("hi", "दिल्ली", "dilli"), ("ru", "Москва", "moskva"), ("el", "Αθήνα", "athina"), ("zh", "上海", "shanghai"),
        ("ja", "さくら", "sakura"), ("ar", "كتاب جديد", "kitab jadid"),
    ],
)  # fmt: skip
def test_neighbours_of_the_reported_kinds_meet(language: str, passage: str, query: str) -> None:
    assert meets(case(language, passage, query), LEXICAL)


@pytest.mark.parametrize(
    ("language", "passage", "query"),
    [
        ("en", "hour", "or"), ("de", "Steuer", "Stur"), ("ar", "المدينة", "القاهرة"), ("he", "שלום", "מלך"), ("ru", "дом", "том"),
        ("hi", "किताब", "कलम"), ("th", "แมว", "หมา"), ("zh", "北京", "上海"), ("ja", "カメラ", "テレビ"), ("ko", "학교", "병원"),
        ("en", "1,000", "100"), ("en", "Kindergarten", "kind"), ("hi", "पानी", "phone"), ("ru", "вода", "vodka"),
    ],
)  # fmt: skip
def test_other_words_stay_apart(language: str, passage: str, query: str) -> None:
    assert not meets(case(language, passage, query), LEXICAL)


@pytest.mark.shared
def test_the_acceptance_set_passes() -> None:
    cases = read_cases(SHARED.parent / "cases" / "lexical.tsv")
    wanted = [found for found in cases if found.expected == MATCH]
    met = sum(meets(found, LEXICAL) for found in wanted)
    assert met >= 0.95 * len(wanted), f"{met} of {len(wanted)}"
    assert not [found for found in cases if found.expected != MATCH and meets(found, LEXICAL)]


@pytest.mark.parametrize(("language", "least"), [("ar", 0.85), ("el", 0.95), ("hi", 0.95), ("ru", 0.98)])
def test_words_typed_in_latin_letters_are_found(language: str, least: float) -> None:
    cases = [found for found in read_cases(ROMANISED) if found.language == language]
    wanted = [found for found in cases if found.expected == MATCH]
    assert len(wanted) == 200
    assert sum(meets(found, LEXICAL) for found in wanted) >= least * len(wanted)
    others = [found for found in cases if found.expected != MATCH]
    assert sum(meets(found, LEXICAL) for found in others) <= 0.02 * len(others)
