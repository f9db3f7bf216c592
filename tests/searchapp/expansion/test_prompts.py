from __future__ import annotations

import pytest

from searchapp.expansion.prompts import LONGEST, kept, passage_messages, translation_messages


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Tea grows in Assam.", "Tea grows in Assam."),
        ("<think>The user wants tea.\nLet me think.</think>\n\nTea grows in Assam.", "Tea grows in Assam."),
        ("The user wants tea.</think>Tea grows.", "Tea grows."),
        ("Sure, here is the passage:\nTea grows.", "Tea grows."),
        ("Here's a short translation: Tee wächst.", "Tee wächst."),
        ("**Passage:** Tea grows.", "Tea grows."),
        ("```text\nTea grows.\n```", "Tea grows."),
        ("«El té crece.»", "El té crece."),
        ('"Tea" grows in "Assam"', '"Tea" grows in "Assam"'),
        ("x" * 5000, "x" * LONGEST),
    ],
)
def test_what_is_kept_of_an_answer(answer: str, text: str) -> None:
    assert kept(answer) == text


def test_long_queries_are_asked_with_examples_in_any_script() -> None:
    assert len(passage_messages("why are leaves green", ["en"])) == 2
    assert len(passage_messages("word " * 12, ["en"])) == 6
    assert len(passage_messages("为什么植物的叶子在春天和夏天都是绿色的而在秋天变黄呢", ["zh"])) == 6
    assert len(passage_messages("为什么叶子是绿的", ["zh"])) == 2


def test_unknown_languages_are_not_named() -> None:
    assert "language of the question" in passage_messages("q", ["und"])[0]["content"]
    assert "German and English" in passage_messages("q", ["de", "en"])[0]["content"]
    assert " from " not in translation_messages("q", "und", "fr")[0]["content"]
