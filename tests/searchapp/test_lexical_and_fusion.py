from __future__ import annotations

import pytest

from searchapp.datatypes import LanguageSpan
from searchapp.errors import StoreError
from searchapp.lexical import LexicalEncoder
from searchapp.ranking.fusion import convex_combination, distribution_based_fusion, reciprocal_rank_fusion

LEXICAL = LexicalEncoder()


def query(text: str, language: str) -> set[int]:
    return set(LEXICAL.encode_query([LanguageSpan(text, 0, len(text), language, 1.0, "Latn")]).indices)


def passage(text: str, language: str) -> set[int]:
    return set(LEXICAL.encode_passages([text], [language])[0].indices)


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        ("de", "Die Häuser der Städte", "haus stadt"),
        ("en", "Plants were producing sugars", "plant produces sugar"),
        ("ru", "Листья деревьев зелёные", "дерево"),
        ("th", "การสังเคราะห์แสงเป็นกระบวนการของพืช", "พืช"),
        ("zh", "植物制造糖和氧气", "植物"),
        ("ja", "植物は糖を作ります", "植物"),
        ("hi", "पौधे शर्करा बनाते हैं।", "शर्करा"),
        ("ar", "النباتات تصنع السكر", "السكر"),
        ("he", "הצמחים מייצרים סוכר", "סוכר"),
        ("el", "Η φωτοσύνθεση είναι σημαντική", "φωτοσύνθεση"),
    ],
)
def test_words_are_found_in_every_script(language: str, text: str, asked: str) -> None:
    assert query(asked, language) & passage(text, language)
    assert len(passage(text, language)) > 1, "one token for the whole text means that nothing was segmented"


def test_stop_words_go_and_names_and_numbers_match_across_languages() -> None:
    assert not query("der die das", "de")
    shared = query("Panthers 308", "en") & passage("Die Panthers gaben 308 Punkte ab", "de")
    assert len(shared) == 2, "the stems differ (panther, panth), the words do not"
    assert query("١٩٩٩", "ar") == query("1999", "en")


def test_weights_saturate_and_shrink_with_length() -> None:
    once, thrice = LEXICAL.encode_passages(["1999 a", "1999 1999 1999 a"], ["und", "und"])
    number = query("1999", "und").pop()
    first, third = (dict(zip(v.indices, v.values, strict=True))[number] for v in (once, thrice))
    assert first < third < 3 * first
    short, long = LEXICAL.encode_passages(["tea 7", "tea 7 " + "word filler thing " * 20], ["und", "und"])
    seven = query("7", "und").pop()
    assert (
        dict(zip(long.indices, long.values, strict=True))[seven]
        < dict(zip(short.indices, short.values, strict=True))[seven]
    )


def test_each_span_is_analysed_in_its_own_language() -> None:
    spans = [LanguageSpan("die Häuser", 0, 10, "de", 1, "Latn"), LanguageSpan(" the houses", 10, 21, "en", 1, "Latn")]
    assert set(LEXICAL.encode_query(spans).indices) == query("Häuser", "de") | query("houses", "en")


def test_configuration_round_trip_and_refusal() -> None:
    assert LexicalEncoder.from_configuration(LEXICAL.configuration).configuration == LEXICAL.configuration
    with pytest.raises(StoreError, match="rebuild the index"):
        LexicalEncoder.from_configuration({"analyser": "older", "k": 1, "b": 1, "average_length": 1})


def test_empty_text_has_no_terms() -> None:
    assert not LEXICAL.encode_passages([""], ["de"])[0]


def test_reciprocal_rank_fusion_by_hand() -> None:
    fused = reciprocal_rank_fusion({"dense": ["a", "b", "c"], "lexical": ["c", "a"]}, k=60)
    assert fused == pytest.approx({"a": 1 / 61 + 1 / 62, "c": 1 / 63 + 1 / 61, "b": 1 / 62})
    assert list(fused) == ["a", "c", "b"]
    weighted = reciprocal_rank_fusion({"dense": ["a"], "lexical": ["b"]}, weights={"lexical": 2.0})
    assert list(weighted) == ["b", "a"]
    assert list(reciprocal_rank_fusion({"x": ["b"], "y": ["a"]})) == ["a", "b"], "ties go by id"


def test_distribution_based_fusion_by_hand() -> None:
    # mean 2, deviation 1 over {3, 1}: (3-2+3)/6 and (1-2+3)/6
    fused = distribution_based_fusion({"dense": [("a", 3.0), ("b", 1.0)], "lexical": [("b", 7.0)], "none": []})
    assert fused == pytest.approx({"a": 4 / 6, "b": 2 / 6 + 0.5})
    assert list(fused) == ["b", "a"]


def test_convex_combination_by_hand() -> None:
    fused = convex_combination([("a", 0.9), ("b", 0.8)], [("c", 20.0), ("b", 10.0)], weight=0.3)
    assert fused == pytest.approx({"a": 0.9, "b": 0.8 + 0.15, "c": 0.8 + 0.3})
    assert list(fused) == ["c", "b", "a"]
    assert convex_combination([("a", 0.9)], []) == {"a": 0.9}
    assert convex_combination([], [("c", 2.0)], weight=0.3) == {"c": 0.3}
